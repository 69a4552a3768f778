"""How the app looks: the Gradio theme and the style sheet."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from drkf.figures import style

#: The fonts of the visitor's own system: nothing is fetched from elsewhere.
_SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")
_MONO = ("ui-monospace", "Consolas", "monospace")

THEME = gr.themes.Base(
    primary_hue="cyan",
    secondary_hue="violet",
    neutral_hue="slate",
    font=_SANS,
    font_mono=_MONO,
).set(
    button_primary_background_fill=style.VOICE_COLOUR,
    button_primary_background_fill_hover="#0C5D6A",
    button_primary_background_fill_dark=style.VOICE_COLOUR,
    button_primary_text_color="#FFFFFF",
    button_primary_text_color_dark="#FFFFFF",
    # Gradio's grey for hints and small print has a contrast of 2.6; this one has 4.8.
    body_text_color_subdued="*neutral_500",
    body_text_color_subdued_dark="*neutral_400",
    block_title_text_color="*neutral_600",
    block_info_text_color="*neutral_500",
)


def _dark_colours() -> str:
    return "\n".join(
        f'.dark .js-plotly-plot [style*="{part}{colour}"] {{ {part} {lighter} !important; }}'
        for colour, lighter in style.ON_DARK.items()
        for part in ("fill: ", "fill:", "stroke: ")  # spelled both ways by plotly.js
    )


def _colours() -> str:
    """What the style sheet calls the colours of the figures."""
    names = {
        "voice": style.VOICE_COLOUR,
        "words": style.WORDS_COLOUR,
        "threshold": style.THRESHOLD_COLOUR,
    }
    return ":root {" + "".join(f" --{name}: {colour};" for name, colour in names.items()) + " }"


#: Figures are made on the server, which does not know the visitor's mode: their colours turn here.
CSS = "\n".join(
    (
        _colours(),
        Path(__file__).with_name("static").joinpath("page.css").read_text(encoding="utf-8"),
        _dark_colours(),
    )
)
