// A click on a stretch of the conversation's timeline chooses its utterance in the list.
() => {
  document.addEventListener("click", (event) => {
    const plot = event.target.closest?.("#talk-course .js-plotly-plot");
    const axis = plot?._fullLayout?.xaxis;
    if (!axis) return;
    const left = plot.querySelector(".svg-container").getBoundingClientRect().left;
    const seconds = axis.p2l(event.clientX - left - axis._offset);
    const bars = plot._fullData[0];
    const place = [...bars.x].findIndex((x, i) => Math.abs(x - seconds) <= bars.width[i] / 2);
    if (place >= 0) document.querySelectorAll("#talk-list input[type=radio]")[place]?.click();
  });
}
