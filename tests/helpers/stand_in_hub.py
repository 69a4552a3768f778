"""A hub on this machine that takes every upload and remembers what it was sent."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

REVISION = "0123456789abcdef0123456789abcdef01234567"


class StandInHub:
    """Serves while the context is open; ``requests`` are (path, body) in their order."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, bytes]] = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.reply({"name": "someone", "type": "user", "sha": REVISION, "siblings": []})

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length) if length else self.chunks()
                hub.requests.append((self.path, body))
                self.reply(hub.answer(self.path, body))

            def chunks(self) -> bytes:
                """A body of unknown length."""
                found = b""
                while size := int(self.rfile.readline() or b"0", 16):
                    found += self.rfile.read(size)
                    self.rfile.readline()
                return found

            def reply(self, answer: dict[str, Any]) -> None:
                content = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, path: str, body: bytes) -> dict[str, Any]:
        if path.endswith("/preupload/main"):
            return {
                "files": [
                    {"path": file["path"], "uploadMode": "regular", "shouldIgnore": False}
                    for file in json.loads(body)["files"]
                ]
            }
        if "/commit/" in path:
            return {
                "commitUrl": f"{self.address}/spaces/someone/demo/commit/{REVISION}",
                "commitOid": REVISION,
            }
        return {"url": f"{self.address}/spaces/someone/demo", "name": "someone/demo"}

    def bodies(self, path: str) -> list[bytes]:
        return [body for where, body in self.requests if where == path]

    def paths(self) -> list[str]:
        return [path for path, _ in self.requests]

    def __enter__(self) -> StandInHub:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
