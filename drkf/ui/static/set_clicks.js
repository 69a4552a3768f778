document.addEventListener("click", (event) => {
  if (!element.isConnected) return;
  const plot = event.target.closest?.(
    "#set-confusion .js-plotly-plot, #set-map .js-plotly-plot, "
      + "#set-worst .js-plotly-plot, #set-facets .js-plotly-plot");
  const axes = plot?._fullLayout;
  if (!axes?.xaxis || !plot._fullData?.length) return;
  const stage = plot.querySelector(".svg-container").getBoundingClientRect();
  const [x, y] = [event.clientX - stage.left, event.clientY - stage.top];
  if (plot._fullData[0].type === "heatmap") {
    const column = Math.round(axes.xaxis.p2l(x - axes.xaxis._offset));
    const row = Math.round(axes.yaxis.p2l(y - axes.yaxis._offset));
    const cell = plot._fullData[0].customdata?.[row]?.[column];
    if (cell) trigger("select", { label: cell[0], prediction: cell[1] });
    return;
  }
  if (plot.closest("#set-worst, #set-facets")) {
    // A whole line belongs to its point.
    const line = Math.round(axes.yaxis.p2l(y - axes.yaxis._offset));
    const conditions = plot._fullData[0].customdata?.[line];
    if (conditions) trigger("input", { conditions });
    return;
  }
  let nearest = null, least = 12;
  for (const trace of plot._fullData) {
    if (trace.visible === "legendonly" || !trace.customdata) continue;
    for (let i = 0; i < trace.x.length; i++) {
      const away = Math.hypot(
        axes.xaxis._offset + axes.xaxis.l2p(trace.x[i]) - x,
        axes.yaxis._offset + axes.yaxis.l2p(trace.y[i]) - y);
      if (away < least) [nearest, least] = [trace.customdata[i], away];
    }
  }
  if (nearest !== null) trigger("click", { row: nearest });
});
// A clip has ended, and the visitor wants to hear the next.
document.addEventListener("ended", (event) => {
  if (!element.isConnected || !event.target.closest?.("#set-player")) return;
  if (document.querySelector("#set-play-on input")?.checked) {
    document.querySelector("#set-next")?.click();
  }
}, true);
