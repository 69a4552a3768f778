"""The named endpoints as tools of the Model Context Protocol (MCP), at ``/gradio_api/mcp/``."""

from __future__ import annotations

import base64
import binascii
import copy
import functools
import html
import json
import re
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import anyio
import gradio.mcp
from gradio import Error, FileData
from gradio.blocks import BlockFunction
from gradio.utils import get_upload_folder

from drkf.ui.server.app import App
from drkf.ui.texts import page as text

DATA_URI = re.compile(r"data:[^,]*;base64,", re.IGNORECASE)
OWN_FILE = "/gradio_api/file="

RUNNING = 2
"""Calls at a time, beside those of the queue."""
WAITING = 16
"""Calls that may wait; one more is refused at once."""


class ToolError(Exception):
    """An error that the caller of a tool can correct."""


class ToolServer(gradio.mcp.GradioMCPServer):
    """Gradio's server, where each call cleans up after itself and answers JSON.

    Gradio's own way through a client inside the server keeps one session for all callers: their
    clips would stay until the server ends. Here a tool runs in the request that asks for it.
    """

    def __init__(self, blocks: App) -> None:
        super().__init__(blocks)
        self._uploads = blocks.uploads
        self._limiter: anyio.CapacityLimiter | None = None

    def get_block_fn_from_endpoint_name(self, endpoint_name: str) -> BlockFunction | None:
        found = super().get_block_fn_from_endpoint_name(endpoint_name)
        if found is None:
            return None
        direct = copy.copy(found)
        direct.queue = False
        direct.fn = self._direct(found.fn)
        return direct

    def _direct(self, work: Any) -> Any:
        @functools.wraps(work)
        async def call(audio: str | None, *arguments: Any) -> Any:
            try:
                if self._limiter is None:  # it belongs to the event loop that serves
                    self._limiter = anyio.CapacityLimiter(RUNNING)
                if self._limiter.statistics().tasks_waiting >= WAITING:
                    raise ToolError(text.BUSY)
                return await anyio.to_thread.run_sync(
                    functools.partial(work, audio, *arguments), limiter=self._limiter
                )
            except Error as error:
                raise ToolError(html.unescape(error.message)) from None
            finally:
                self._uploads.forget(audio)

        return call

    def get_input_schema(
        self, tool_name: str, parameters: dict[str, str] | None = None
    ) -> tuple[dict[str, Any], list[list[str | int]]]:
        """Says how a clip is given, and lets null stand for what is left out."""
        schema, file_positions = super().get_input_schema(tool_name, parameters)
        for name, *_ in file_positions:
            described = schema["properties"][name].get("description", "")
            schema["properties"][name] = {"type": "string", "description": described}
            schema["properties"][name]["description"] += f" {text.MCP_AUDIO}"
        for name, parameter in schema["properties"].items():
            if name not in schema.get("required", ()):
                parameter["type"] = ["string", "null"]
        return schema, file_positions

    @property
    def _file_data_tool_description(self) -> str:
        return ""  # Gradio's names a tool that is not here

    def convert_strings_to_filedata(self, value: Any, filedata_positions: list[Any]) -> Any:
        """The clips of a call: file contents as data URIs, or what was uploaded to this app.

        Gradio looks whether the path of an upload leads to an upload. Addresses are not fetched.
        """
        names = {position[0] for position in filedata_positions}
        return {
            name: _clip(given) if name in names and given is not None else given
            for name, given in value.items()
        }

    def postprocess_output_data(self, data: Any, root_url: str) -> list[Any]:
        """JSON, where Gradio would print Python."""
        outputs = [
            output if isinstance(output, str) else json.dumps(output.root, ensure_ascii=False)
            for output in data
        ]
        return [self.types.TextContent(type="text", text=output) for output in outputs]


def serve_tools() -> None:
    """Has Gradio build ``ToolServer`` where an app is launched as an MCP server.

    Gradio has no option for it.
    """
    gradio.mcp.GradioMCPServer = ToolServer  # type: ignore[misc, assignment]


def _clip(given: Any) -> dict[str, Any]:
    if not isinstance(given, str):
        raise ToolError(text.MCP_AUDIO)
    if header := DATA_URI.match(given):
        try:
            content = base64.b64decode(given[header.end() :], validate=True)
        except binascii.Error:
            raise ToolError(text.MCP_AUDIO) from None
        try:
            # A folder of its own, so that the same clip in two calls is not one file.
            path = Path(tempfile.mkdtemp(dir=_upload_folder())) / "recording"
            path.write_bytes(content)
        except OSError:
            raise ToolError(text.NO_ROOM) from None
    elif urlsplit(given).scheme in ("http", "https") and OWN_FILE in given:
        path = Path(unquote(given.partition(OWN_FILE)[2]))
    else:
        raise ToolError(text.MCP_AUDIO)
    return FileData(path=str(path), meta={"_type": "gradio.FileData"}).model_dump()


def _upload_folder() -> str:
    folder = get_upload_folder()
    Path(folder).mkdir(parents=True, exist_ok=True)
    return folder
