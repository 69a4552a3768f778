"""The web server around the page: uploads, sessions, guards, API and MCP.

All that works around Gradio stands here, written for ``GRADIO``, and goes when Gradio does the
same by itself; ``tests/ui/server/test_patches.py`` says when:

* ``app.App`` and ``app.Guard``: no address is fetched, no page saved, no body without end;
* ``busy.say_busy``: a full queue is one sentence;
* ``mcp.serve_tools``: a tool call cleans up after itself and answers JSON;
* ``sessions.Sessions``: a session keeps no copy of every component;
* ``uploads.delete_broken_uploads``: an upload that breaks off leaves nothing;
* ``headings.headed``: headings in the visitor's language.
"""

GRADIO = "6.31"
"""The version of Gradio that these were written for."""
