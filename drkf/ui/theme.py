"""How the app looks: the Gradio theme and the style sheet."""

from __future__ import annotations

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


CSS = f"""
/* For screen readers alone. */
.sr-only {{
    position: absolute !important; width: 1px; height: 1px; margin: -1px; padding: 0;
    overflow: hidden; clip-path: inset(50%); white-space: nowrap; border: 0;
}}
.gradio-container {{ width: 100%; max-width: 1560px !important; margin: 0 auto !important; }}
#title h1 {{ margin: 0; }}
#title p {{ margin: 0.1rem 0; }}

#verdict, #lab-answer {{
    border: 1px solid var(--border-color-primary);
    border-radius: var(--radius-lg);
    background: var(--block-background-fill);
    padding: 0.9rem 1.1rem;
    min-height: 10rem;
}}
#lab-answer {{ min-height: 0; }}
.verdict-emotion {{ font-size: clamp(1.9rem, 4vw, 3.2rem); font-weight: 700; line-height: 1.1; }}
.verdict-emotion .swatch {{
    display: inline-block; width: 0.7em; height: 0.7em; border-radius: 0.15em;
    margin-right: 0.3em;
}}
.verdict-sentence {{
    font-size: clamp(1.15rem, 2vw, 1.6rem); line-height: 1.35; margin-top: 0.4rem;
}}
.verdict-status {{ font-size: 1.2rem; color: var(--body-text-color); opacity: 0.78; }}
.verdict-error {{ font-size: 1.25rem; line-height: 1.4; }}
.verdict-error::before {{ content: "⚠ "; }}
.verdict-foot {{
    display: flex; flex-wrap: wrap; gap: 0.3rem 1.2rem; align-items: baseline;
    margin-top: 0.6rem; font-size: 0.85rem; color: var(--body-text-color); opacity: 0.78;
}}
.verdict-foot a {{
    margin: 0; padding: 0; color: var(--body-text-color); text-decoration: underline;
}}
.verdict-warnings {{ margin: 0.5rem 0 0 1.1rem; font-size: 0.95rem; }}
.verdict-warnings li {{ list-style: disc; }}

/* Gradio's player writes its times and buttons in the same pale grey. */
#time, #duration, .time, .duration, .playback, .playback span, button.rewind, button.skip,
button.action, button.play-pause-button {{
    color: var(--body-text-color-subdued) !important;
}}

.card {{
    border: 1px solid var(--border-color-primary);
    border-radius: var(--radius-lg);
    background: var(--block-background-fill);
    padding: 0.7rem 0.9rem;
    gap: 0.3rem !important;
}}
.card h3, .card h4 {{ margin: 0; }}
.card .badge {{
    border-left: 0.3rem solid {style.VOICE_COLOUR}; padding: 0.2rem 0.7rem; margin: 0.2rem 0;
    background: rgba(127, 127, 127, 0.1); font-size: 0.95rem; line-height: 1.4;
}}
.card .badge.doubtful {{ border-left: 0.3rem dashed {style.THRESHOLD_COLOUR}; }}
/* A closed "How to read this" is a line of text, not a box. */
.how {{ border: none !important; background: none !important; padding: 0 !important; }}
.how > button {{ width: auto !important; gap: 0.4rem; font-size: 0.9rem; }}
.how > button > span:first-child {{ text-decoration: underline; }}
.how p {{ font-size: 0.95rem; line-height: 1.45; max-width: 46rem; }}
/* A long or dense timeline keeps its words apart: on a telephone it is pushed sideways. */
.timeline-card .timeline {{ overflow-x: auto; }}
.timeline-card .timeline .js-plotly-plot {{ min-width: 38rem; }}
.play-cursor {{
    position: absolute; top: 0; bottom: 0; left: 0; width: 2px; pointer-events: none;
    background: {style.THRESHOLD_COLOUR};
}}
.timeline-card audio[src^="data:"] {{ width: 100%; }}
.relevant-words {{
    font-size: 1.2rem; line-height: 2.6; margin: 0.3rem 0; overflow-wrap: anywhere;
}}
.relevant-words .word {{ display: inline-block; vertical-align: top; line-height: 1.3; }}
.word {{
    padding: 0.1em 0.25em; text-align: center; border-bottom: 0.18em solid transparent;
    border-radius: 0.2em 0.2em 0 0;
}}
.word.supports {{
    background: rgba(123, 79, 163, calc(0.45 * var(--strength)));
    border-bottom-color: {style.WORDS_COLOUR};
}}
.word.opposes {{
    background: rgba(127, 127, 127, calc(0.4 * var(--strength)));
    border-bottom: 0.18em dashed {style.THRESHOLD_COLOUR};
}}
.word small {{ display: block; font-size: 0.68em; opacity: 0.85; }}
.relevant-words .unread {{ opacity: 0.6; }}
.words-legend {{ font-size: 0.9rem; margin: 0; }}
.words-legend > span {{ display: inline-block; margin-right: 1.5rem; }}
.card .method {{
    border: none !important; background: none !important; box-shadow: none !important;
    padding: 0 !important;
}}
.dark audio {{ color-scheme: dark; }}
.caveat {{ opacity: 0.78; }}
.caveat p {{ font-size: 0.85rem; line-height: 1.35; }}
#about {{ max-width: 60rem; }}
#about a {{ color: var(--body-text-color); text-decoration: underline; }}
/* As tall empty as with a clip: what stands below does not move. */
#audio .audio-container {{
    min-height: 14rem; display: flex; flex-direction: column; justify-content: space-between;
}}
.card .plot-container, .card .js-plotly-plot {{ width: 100%; }}
.js-plotly-plot .modebar {{ display: none; }}

.lab-change {{ font-size: clamp(1.3rem, 2.6vw, 2.1rem); line-height: 1.25; }}
.lab-table {{ margin: 0.4rem 0 0; font-size: clamp(1rem, 1.6vw, 1.25rem); }}
.lab-table, .lab-table * {{ border: none !important; }}
.lab-table th, .lab-table td {{
    padding: 0.15rem 0.7rem 0.15rem 0 !important; text-align: left;
}}
.lab-table th {{ font-weight: 400; opacity: 0.78; }}
.lab-table tr {{ display: inline-block; margin-right: 2rem; }}
#lab-answer .swatch {{
    display: inline-block; width: 0.7em; height: 0.7em; border-radius: 0.15em; margin-right: 0.4em;
}}
/* The answer stays in sight while the controls below it are moved. */
.gradio-container {{ overflow: clip !important; }}
#lab-answer {{ position: sticky !important; top: 0; z-index: 60; }}
#lab-details label {{ display: inline-flex; align-items: center; gap: 0.5rem; margin-right: 1rem; }}
audio[src^="data:"] {{ width: min(19rem, 58vw); height: 2.4rem; margin-top: 0.4rem; }}
#lab-link a {{ color: var(--body-text-color); text-decoration: underline; }}
/* A grid of many voices keeps its cells readable: on a telephone it is pushed sideways. */
#grid-emotions, #grid-inconsistency {{ overflow-x: auto; }}
#grid-emotions .js-plotly-plot, #grid-inconsistency .js-plotly-plot {{ min-width: 40rem; }}

/* Live: nothing moves but what is said; the newest two lines of words are in sight. */
.live-head {{ min-height: 5.6rem; }}
.live-words {{
    height: 2.8em; line-height: 1.4; overflow-y: auto; margin: 0.4rem 0;
    display: flex; flex-direction: column-reverse; font-size: clamp(1.15rem, 2vw, 1.6rem);
}}
.live-words p {{ margin: 0; }}
/* Many utterances: the list scrolls beside their timeline. */
#talk-list .wrap {{
    max-height: 26rem; overflow-y: auto; flex-wrap: nowrap; flex-direction: column;
}}

.set-progress {{ width: 100%; accent-color: {style.VOICE_COLOUR}; }}
#set-labels table {{ border-collapse: collapse; width: 100%; }}
#set-labels th, #set-labels td {{
    padding: 0.2rem 0.7rem 0.2rem 0.5rem !important; text-align: left; font-weight: 400;
}}
#set-labels select {{
    appearance: auto; width: 100%;
    padding: 0.25rem 0.4rem; font: inherit; color: var(--body-text-color);
    background: var(--input-background-fill); border: 1px solid var(--border-color-primary);
    border-radius: 0.3rem;
}}
#set-labels .label-map {{ max-height: 22rem; overflow-y: auto; }}
#set-labels table, #set-labels th, #set-labels td {{ border-color: var(--border-color-primary); }}
#set-labels .unmapped {{ background: color-mix(in srgb, #d00000 14%, transparent); }}
#set-labels .unmapped select {{ border: 2px solid #d00000; font-weight: 700; }}
#set-labels .unmapped th[scope="row"] {{ font-weight: 700; }}
.set-score {{ font-size: clamp(1.1rem, 1.8vw, 1.4rem); margin: 0.3rem 0; }}
.set-score b {{ font-size: 1.5em; margin-right: 0.4rem; }}
.set-unscored {{
    border-left: 4px solid #d00000; padding: 0.2rem 0.7rem; margin: 0.3rem 0;
}}
#set-row .row-said {{ font-size: clamp(1.15rem, 2vw, 1.6rem); margin: 0.2rem 0; }}
#set-steps {{ align-items: center; margin-top: 0.6rem; }}
#set-confusion, #set-map {{ cursor: pointer; }}
#set-confusion, #set-suspects {{ overflow-x: auto; }}
#set-confusion .js-plotly-plot, #set-suspects .js-plotly-plot {{ min-width: 27rem; }}

/* The tour is read from the back of a lecture hall. */
#tour {{ max-width: 72rem; margin: 0 auto; }}
#tour p, #tour label span, #tour button.lg, .tour-words {{
    font-size: clamp(1.15rem, 1.7vw, 1.6rem); line-height: 1.45;
}}
#tour h2 {{ font-size: clamp(1.5rem, 2.6vw, 2.4rem); line-height: 1.2; }}
#tour-steps .step-label {{ color: var(--body-text-color); font-size: 1rem; }}
.tour-words {{
    margin: 0.3rem 0; padding: 0.2rem 1rem; font-style: italic;
    border-left: 0.3rem solid {style.VOICE_COLOUR};
}}

/* Figures are made on the server, which does not know the visitor's mode: colours turn here. */
{_dark_colours()}
/* The controls stay in sight beside the long column of evidence. */
@media (min-width: 1000px) {{
    #input {{ position: sticky; top: 0.8rem; align-self: flex-start; }}
}}
@media (max-width: 640px) {{
    .gradio-container {{ padding: 0.4rem !important; }}
    .card {{ padding: 0.5rem; }}
}}
"""
