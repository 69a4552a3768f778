"""JavaScript that the page needs beside Gradio's own."""

from pathlib import Path

_FIGURES = Path(__file__).with_name("static").joinpath("figures.js").read_text()

#: Gradio's audio field refuses every file that the browser does not call audio, as it does with
#: .webm and .mp4 recordings. Here any file passes, and the server tells by its content.
HEAD = """
<script>
(() => {
  const field = (event) =>
    event.target.closest?.("#audio, #other-voice, #talk-audio")?.querySelector("input[type=file]");
  const asAudio = (files) => {
    const passed = new DataTransfer();
    for (const file of files) {
      const type = file.type.startsWith("audio/") ? file.type : "audio/x-unknown";
      passed.items.add(new File([file], file.name, { type }));
    }
    return passed.files;
  };
  document.addEventListener("click", (event) => {
    const input = field(event);
    if (input && event.target === input) input.accept = "audio/*,video/webm,video/mp4";
  }, true);
  document.addEventListener("change", (event) => {
    const input = field(event);
    if (input && event.target === input) input.files = asAudio(input.files);
  }, true);
  document.addEventListener("drop", (event) => {
    const input = field(event);
    if (!input || !event.dataTransfer.files.length) return;
    event.preventDefault();
    event.stopPropagation();
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change"));
  }, true);
})();
(() => {
  // A clip that is played shows its position in the timeline above it; a click there jumps.
  const plotOf = (audio) => audio.closest(".timeline-card")?.querySelector(".js-plotly-plot");
  const move = (audio) => {
    const plot = plotOf(audio);
    const axis = plot?._fullLayout?.xaxis;
    if (!axis?._length) return;
    const stage = plot.querySelector(".svg-container");
    let cursor = stage.querySelector(".play-cursor");
    if (!cursor) {
      cursor = stage.appendChild(document.createElement("div"));
      cursor.className = "play-cursor";
    }
    const x = axis._offset + axis.l2p(Math.min(audio.currentTime, axis.range[1]));
    cursor.style.transform = `translateX(${x}px)`;
    cursor.dataset.seconds = audio.currentTime.toFixed(2);
  };
  const follow = (audio) => {
    move(audio);
    if (!audio.paused && audio.isConnected) requestAnimationFrame(() => follow(audio));
  };
  for (const name of ["play", "seeked", "timeupdate"])
    document.addEventListener(name, ({ target }) => {
      if (target instanceof HTMLAudioElement) (name === "play" ? follow : move)(target);
    }, true);
  document.addEventListener("click", (event) => {
    const plot = event.target.closest?.(".timeline-card .js-plotly-plot");
    const audio = plot?.closest(".timeline-card").querySelector("audio");
    const axis = plot?._fullLayout?.xaxis;
    if (!audio || !axis || plotOf(audio) !== plot) return;
    const stage = plot.querySelector(".svg-container").getBoundingClientRect();
    const seconds = axis.p2l(event.clientX - stage.left - axis._offset);
    audio.currentTime = Math.max(0, Math.min(seconds, axis.range[1]));
  });
})();
</script>
"""

#: What screen readers are told of the figures.
HEAD += f"<script>{_FIGURES}</script>"


def show_on_telephone(elem_id: str) -> str:
    """On a telephone the answer stands below the controls: bring it into sight."""
    return f"""
() => {{
  if (innerWidth < 1000)
    document.querySelector("#{elem_id}").scrollIntoView({{ block: "nearest", behavior: "smooth" }});
}}
"""
