/* A clip that is played shows its position in the timeline above it; a click there jumps. */
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
    const zoom = plot.currentCSSZoom ?? 1; // of the projector switch
    const seconds = axis.p2l((event.clientX - stage.left) / zoom - axis._offset);
    audio.currentTime = Math.max(0, Math.min(seconds, axis.range[1]));
  });
})();
