"""The web app: one page, one file a tab."""

from __future__ import annotations

import hmac
import html
import io
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any

import gradio as gr

from drkf import gallery
from drkf.pipeline import EmotionPipeline
from drkf.ui import about, analyse, browser, classroom, links, live, theme, tour, whatif
from drkf.ui.server import api, busy, mcp
from drkf.ui.server.app import App, server_options
from drkf.ui.server.sessions import Sessions
from drkf.ui.server.uploads import Uploads, delete_broken_uploads
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import classroom as text_classroom
from drkf.ui.texts import live as text_live
from drkf.ui.texts import page as text
from drkf.ui.texts import workbench as text_workbench
from drkf.ui.workbench import tab as workbench
from drkf.ui.workbench.shown import STATE_SECONDS

MAX_UPLOAD = "120mb"
"""Ten minutes, the longest clip that is read, of 16-bit stereo WAV at 44.1 kHz."""

CONCURRENCY: dict[str, Any] = {"concurrency_limit": 2, "concurrency_id": "model"}
"""The model's work: two at a time, the others wait in the queue."""

QUEUE_LENGTH = 64
CLEAN_EVERY_SECONDS = 300
KEEP_FILES_SECONDS = 3600
KEEP_SETS_SECONDS = STATE_SECONDS
"""Files are normally deleted with their session; this is for sessions whose end was not noticed.
The sets of the error analysis are kept as long as their results."""


def build_app(pipeline: EmotionPipeline, for_class: bool = False) -> App:
    """The whole interface around one loaded model.

    Args:
        for_class: without microphone and uploads, see ``drkf.ui.server.class_mode``.
    """
    uploads, sessions = Uploads(), Sessions()
    with App(
        pipeline,
        uploads,
        sessions,
        for_class,
        title=text.TITLE,
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(CLEAN_EVERY_SECONDS, KEEP_FILES_SECONDS),
    ) as app:
        gr.HTML(i18n.each(page_controls), elem_id="page-controls")
        gr.Markdown(i18n.each(page_head), elem_id="title")
        if for_class:
            gr.Markdown(text_classroom.MODE, elem_id="class-mode")
        with gr.Tabs() as tabs:
            with gr.Tab(text.TAB_ANALYSE, id="analyse"):
                tried = analyse.build(pipeline, uploads, CONCURRENCY, tabs, lab="what-if")
                session = tried.session
            with gr.Tab(text.TAB_WHAT_IF, id="what-if") as tab:
                lab = whatif.build(pipeline, uploads, CONCURRENCY, session, tab)
            if not for_class:
                with gr.Tab(text_live.TAB_LIVE, id="live") as tab:
                    live.build(pipeline, uploads, CONCURRENCY, tried.voice, tab)
            with gr.Tab(text_classroom.TAB_CLASS, id="class"):
                panel = classroom.build(pipeline, app, CONCURRENCY, session)
            with gr.Tab(text.TAB_TOUR, id="tour"):
                tour.build(pipeline, CONCURRENCY, tabs, app.rooms)
            if not for_class:
                with gr.Tab(text_workbench.TAB_WORKBENCH, id="workbench"):
                    workbench.build(pipeline, uploads, session, tabs, "what-if", panel)
            with gr.Tab(text.TAB_ABOUT, id="about"):
                about.build(pipeline)
        if not for_class:
            api.build(pipeline, uploads, CONCURRENCY)

        absent = ("live", "workbench") if for_class else ()
        present = tuple(tab for tab in links.TABS if tab not in absent)
        links.build(app, tabs, present, {"class": panel.example, "what-if": lab})

        def forget(request: gr.Request) -> None:
            """The page was closed: its clip and its analysis are deleted before they expire."""
            if request.session_hash:
                uploads.close(request.session_hash)
                sessions.forget(request.session_hash)
                app.rooms.close(request.session_hash)

        app.unload(forget)
    app.queue(max_size=QUEUE_LENGTH, api_open=False)
    busy.say_busy(app)
    return app


def page_controls() -> str:
    """HTML: links past the controls, the language, and large type for a projector."""
    languages = "".join(
        f'<button type="button" data-language="{code}" lang="{code}" '
        f'aria-current="{str(code == i18n.language()).lower()}">{code.upper()}</button>'
        for code in i18n.LANGUAGES
    )
    return (
        f'<a class="skip" href="#examples">{html.escape(text.SKIP_TO_EXAMPLES)}</a>'
        f'<a class="skip" href="#verdict">{html.escape(text.SKIP)}</a>'
        f'<div class="page-controls" role="group" aria-label="{html.escape(text.SWITCH_LANGUAGE)}">'
        f"{languages}"
        f'<button type="button" data-projector aria-pressed="false" '
        f'title="{html.escape(text.PROJECTOR_HINT)}">{html.escape(text.PROJECTOR)}</button></div>'
    )


def page_head() -> str:
    """Markdown: the title, what the page answers, and what it does not."""
    return f"# {text.TITLE}\n{text.SUBTITLE}\n\n{text.CAVEAT}"


def _asks_for(password: str) -> Callable[[str, str], bool]:
    """Lets anybody in who knows the password, by whatever name."""
    return lambda _, given: hmac.compare_digest(given.encode(), password.encode())


def launch(app: App, host: str, port: int, password: str | None = None) -> str:
    """Starts the server in the background and returns its address.

    Args:
        password: that visitors have to give; the voting page asks for a room's code instead. With
            it there is no MCP, whose clients give none.

    Raises:
        OSError: the port is taken.
    """
    mcp.serve_tools()
    delete_broken_uploads()
    app.uploads.sweep_every(CLEAN_EVERY_SECONDS, KEEP_SETS_SECONDS)
    with redirect_stdout(io.StringIO()):  # quiet=True does not reach the line about MCP
        server, address, _ = app.launch(
            server_name=host,
            server_port=port,
            theme=theme.THEME,
            css=theme.CSS,
            head=browser.head(sound=not app.class_mode),
            # The examples lie outside the working directory when the app is started from elsewhere.
            allowed_paths=[str(gallery.FOLDER)],
            max_file_size=MAX_UPLOAD,
            run_history=False,
            footer_links=["api", "settings"],
            i18n=app.texts,
            app_kwargs=server_options(app),
            mcp_server=not app.class_mode and not password,
            auth=_asks_for(password) if password else None,
            auth_message=text_classroom.PASSWORD if password else None,
            ssr_mode=False,
            share=False,
            enable_monitoring=False,
            pwa=False,
            show_error=False,
            prevent_thread_lock=True,
            quiet=True,
        )
    app.sessions.set_blocks(app)
    server.state_holder = app.sessions
    return address
