/* A clip that is played shows its position in the timeline above it; a click there plays that
   stretch of the band, or jumps where there is none. */
(() => {
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
  /* The start and end, in seconds, of the band's bar at a moment. */
  const stretchAt = (plot, seconds) => {
    const band = plot._fullData?.find((trace) => trace.type === "bar" && trace.base !== undefined);
    const at = Array.from(band?.x ?? []).findIndex(
      (middle, i) => Math.abs(seconds - middle) <= band.width[i] / 2);
    return at < 0 ? null : [band.x[at] - band.width[at] / 2, band.x[at] + band.width[at] / 2];
  };
  const stopInTime = (audio) => {
    if (audio.dataset.until && audio.currentTime >= Number(audio.dataset.until)) {
      audio.dataset.until = "";
      audio.pause();
    }
  };
  const follow = (audio) => {
    move(audio);
    stopInTime(audio);
    if (!audio.paused && audio.isConnected) requestAnimationFrame(() => follow(audio));
  };
  for (const name of ["play", "seeked", "timeupdate"])
    document.addEventListener(name, ({ target }) => {
      if (target instanceof HTMLAudioElement) (name === "play" ? follow : move)(target);
    }, true);
  document.addEventListener("pause", ({ target }) => {
    if (target instanceof HTMLAudioElement) target.dataset.until = "";
  }, true);
  document.addEventListener("click", (event) => {
    const plot = event.target.closest?.(".timeline-card .js-plotly-plot");
    const audio = plot?.closest(".timeline-card").querySelector("audio");
    const axis = plot?._fullLayout?.xaxis;
    if (!audio || !axis || plotOf(audio) !== plot) return;
    const stage = plot.querySelector(".svg-container").getBoundingClientRect();
    const zoom = plot.currentCSSZoom ?? 1; // of the projector switch
    const seconds = axis.p2l((event.clientX - stage.left) / zoom - axis._offset);
    const stretch = stretchAt(plot, seconds);
    audio.currentTime = Math.max(0, stretch ? stretch[0] : Math.min(seconds, axis.range[1]));
    audio.dataset.until = stretch ? stretch[1].toFixed(3) : "";
    if (stretch) audio.play();
  });
})();
