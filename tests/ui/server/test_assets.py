"""Gradio's scripts and styles: unchanged, compressed once, kept by browsers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from drkf.ui.server import assets


@pytest.fixture
def client() -> Iterator[TestClient]:
    assets.zipped.cache_clear()
    yield TestClient(Starlette(routes=assets.asset_routes()))
    assets.zipped.cache_clear()


def first(suffix: str) -> str:
    return next(name for name in sorted(assets.assets()) if name.endswith(suffix))


@pytest.mark.parametrize("encoding", ["gzip, deflate, br", "identity"])
@pytest.mark.parametrize("suffix", [".js", ".css", ".svg", ".woff2"])
def test_content_arrives_unchanged_and_may_be_kept(
    client: TestClient, suffix: str, encoding: str
) -> None:
    name = first(suffix)
    answer = client.get(f"/assets/{name}", headers={"accept-encoding": encoding})
    assert answer.content == assets.assets()[name].read_bytes()
    compressed = suffix != ".woff2" and "gzip" in encoding
    assert answer.headers.get("content-encoding") == ("gzip" if compressed else None)
    assert "immutable" in answer.headers["cache-control"]
    if suffix in (".js", ".css"):  # browsers run no script of another type
        assert suffix[1:] in answer.headers["content-type"].replace("javascript", "js")


def test_it_is_compressed_once(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    name = first(".js")
    one = client.get(f"/assets/{name}").content
    monkeypatch.setattr("drkf.ui.server.assets.gzip.compress", None)
    assert client.get(f"/assets/{name}").content == one


@pytest.mark.parametrize("name", ["nothing.js", "..%2findex.html", "%2fetc%2fpasswd", ""])
def test_nothing_else_is_served(client: TestClient, name: str) -> None:
    assert client.get(f"/assets/{name}").status_code == 404
