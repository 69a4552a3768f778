"""The address that phones are sent to."""

from __future__ import annotations

import pytest

from drkf.ui.classroom import address
from drkf.ui.classroom.address import qr_svg, vote_address


def test_a_public_address_stays_as_the_teacher_sees_it() -> None:
    told = vote_address("https://me-drkf.hf.space/app/", "AB2", "0.0.0.0")
    assert told == ("https://me-drkf.hf.space/app/vote?room=AB2", True)
    told = vote_address("http://[fd00::7]:7860/", "AB2", "::")
    assert told == ("http://[fd00::7]:7860/vote?room=AB2", True)


@pytest.mark.parametrize("page", ["http://127.0.0.1:7860/", "http://localhost:7860/"])
def test_at_the_machine_itself_phones_get_its_address_in_the_network(
    monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.setattr(address, "_own_address", lambda: "192.168.1.20")
    assert vote_address(page, "AB2", "0.0.0.0") == ("http://192.168.1.20:7860/vote?room=AB2", True)
    _, reached = vote_address(page, "AB2", "127.0.0.1")  # it listens on this machine alone
    assert not reached
    monkeypatch.setattr(address, "_own_address", lambda: None)
    assert not vote_address(page, "AB2", "0.0.0.0")[1]


def test_what_is_no_address_is_not_passed_on() -> None:
    assert vote_address("javascript:alert(1)", "AB2", "127.0.0.1")[0].startswith("http://127.0")


def test_the_code_is_an_image_with_a_name() -> None:
    made = qr_svg("http://192.168.1.20:7860/vote?room=ABCDEFGH", "QR <code>")
    assert made.startswith("<svg") and "viewBox" in made and "QR &lt;code&gt;" in made
