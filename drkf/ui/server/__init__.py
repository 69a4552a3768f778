"""The web server around the page: uploads, sessions, guards, API and MCP."""
