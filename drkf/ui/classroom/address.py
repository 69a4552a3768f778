"""Where phones find the voting page, and its QR code."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from urllib.parse import quote, urlsplit

import segno

QUIET_ZONE = 4
"""Modules of white around a code, as ISO/IEC 18004 asks."""


def vote_address(page: str, code: str, server: str) -> tuple[str, bool]:
    """The address of a room for phones, and whether phones can reach it.

    Args:
        page: the address at which the teacher's browser shows the app.
        code: of the room.
        server: the address on which the app listens.
    """
    parts = urlsplit(page if page.startswith(("http://", "https://")) else "http://127.0.0.1/")
    host, port = parts.hostname or "127.0.0.1", parts.port
    reached = True
    if _is_loopback(host):
        # The teacher sits at the machine itself; a phone needs its address in the network.
        network = None if _is_loopback(server) else _own_address()
        reached, host = network is not None, network or host
    shown = f"[{host}]" if ":" in host else host
    where = shown if port is None else f"{shown}:{port}"
    path = parts.path.rstrip("/")
    return f"{parts.scheme}://{where}{path}/vote?room={quote(code)}", reached


def qr_svg(address: str, label: str) -> str:
    """A QR code as SVG, black on white in either mode, so that every phone reads it."""
    made = segno.make(address, error="m")
    return made.svg_inline(
        scale=6, border=QUIET_ZONE, dark="#000", light="#fff", title=label, omitsize=True
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _own_address() -> str | None:
    """This machine's address in its network; nothing is sent to find it out."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("10.255.255.255", 9))
        found = str(probe.getsockname()[0])
        if not _is_loopback(found) and found != "0.0.0.0":
            return found
    return None
