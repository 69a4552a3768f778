/* Figures fit the width they have. For those who do not see them each is an image with a name, and
   its values follow as a table that only screen readers meet. Also mends two places in Gradio's own
   markup. */
(() => {
  const plain = (label) => {
    const holder = document.createElement("template"); // inert: nothing in it runs or loads
    holder.innerHTML = String(label ?? "").replace(/<br\s*\/?>/gi, " ");
    return holder.content.textContent.replace(/^[■□]\s*/, "").trim(); // a colour's mark
  };
  const shown = (value) =>
    typeof value === "number" && !Number.isInteger(value) ? value.toFixed(2) : plain(value);

  const tickText = (axis, value) => {
    const at = axis?.tickvals ? Array.from(axis.tickvals).indexOf(value) : -1;
    return at < 0 || !axis.ticktext ? shown(value) : plain(axis.ticktext[at]);
  };

  /* Rows [name, series, value] of what a figure shows. */
  function values(figure) {
    const rows = [];
    const layout = figure._fullLayout;
    for (const trace of figure._fullData ?? []) {
      const across = layout[`xaxis${(trace.xaxis ?? "x").slice(1)}`];
      const up = layout[`yaxis${(trace.yaxis ?? "y").slice(1)}`];
      const series = /^trace \d+$/.test(trace.name ?? "") ? "" : plain(trace.name);
      const said = Array.isArray(trace.hovertext) && trace.type === "bar" ? trace.hovertext : null;
      if (trace.type === "indicator") {
        rows.push([plain(trace.title?.text), series, shown(trace.value)]);
      } else if (trace.type === "bar" || (trace.type === "scatter" && trace.mode !== "lines")) {
        const lying = trace.orientation === "h" || trace.type === "scatter" && up?.type === "category";
        const names = Array.from((lying ? trace.y : trace.x) ?? []);
        // A band's bars are all as high: their values are beside them.
        const beside = trace.base === undefined ? null : trace.customdata;
        const sizes = Array.from(beside ?? (lying ? trace.x : trace.y) ?? []);
        if (names.length > 200) continue;
        names.forEach((name, i) =>
          rows.push([said ? plain(said[i]) : tickText(lying ? up : across, name), series,
            shown(sizes[i])]));
      }
    }
    for (const note of layout?.annotations ?? []) {
      const named = typeof note.x === "number" && note.xref === "x";
      rows.push([named ? `${tickText(layout.xaxis, note.x)}, ${tickText(layout.yaxis, note.y)}` : "",
        "", plain(note.text)]);
    }
    return rows;
  }

  /* The title of the fold that it lies in, else the heading over the figure, else its tab's. */
  function nameOf(figure) {
    const fold = figure.closest(".fold")?.querySelector(".label-wrap span");
    if (fold) return fold.textContent.trim();
    const card = figure.closest(".card, .column, [role=tabpanel]");
    const before = Array.from(card?.querySelectorAll("h2, h3, h4") ?? []).filter(
      (heading) => heading.compareDocumentPosition(figure) & Node.DOCUMENT_POSITION_FOLLOWING);
    return (before.pop() ?? document.querySelector("h1"))?.textContent.trim() ?? "";
  }

  function describe(figure) {
    const name = nameOf(figure);
    const table = document.createElement("table");
    const place = document.createElement("div"); // a table does not keep to a width of its own
    place.className = "sr-only figure-values";
    place.append(table);
    table.createCaption().textContent = name;
    for (const row of values(figure)) {
      const line = table.insertRow();
      row.forEach((cell, i) => {
        const box = document.createElement(i ? "td" : "th");
        if (!i) box.scope = "row";
        box.textContent = cell;
        line.append(box);
      });
    }
    figure.setAttribute("role", "img");
    figure.setAttribute("aria-label", name);
    const old = figure.parentElement?.querySelector(":scope > .figure-values");
    if (old) old.replaceWith(place);
    else figure.after(place);
  }

  // A figure that was folded away does not know its width before it is seen.
  const widths = new WeakMap();
  const shape = new ResizeObserver((places) => {
    const changed = places.filter(({ target, contentRect: { width } }) => {
      const before = widths.get(target);
      widths.set(target, width);
      return width && width !== before;
    });
    if (changed.length) dispatchEvent(new Event("resize")); // figures fit themselves again
  });

  const known = new WeakSet();
  function look() {
    for (const figure of document.querySelectorAll(".js-plotly-plot")) {
      if (known.has(figure) || !figure.on || !figure._fullLayout) continue;
      known.add(figure);
      shape.observe(figure.parentElement);
      figure.on("plotly_afterplot", () => describe(figure));
      describe(figure);
    }
    // Gradio names an empty place without giving it a role that may have a name.
    for (const empty of document.querySelectorAll("div.empty[aria-label]:not([role])"))
      empty.setAttribute("role", "img");
  }
  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => { waiting = false; look(); }, 150);
  }).observe(document.documentElement, { childList: true, subtree: true });
  // The server chose the language of the texts.
  const language = window.gradio_config?.i18n_translations?.en?.language;
  if (language) document.documentElement.lang = language;
})();
