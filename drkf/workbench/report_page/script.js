"use strict";
(() => {
  const PAGE = 50;
  const LONG = { id: "long", text: "long words" };
  const data = JSON.parse(document.getElementById("data").textContent);
  const rows = data.rows;
  const byId = (id) => document.getElementById(id);
  const state = { column: null, descending: false, page: 0, subset: null, subsetName: "", chosen: null };

  // Text from the data only ever becomes text nodes.
  function element(name, text, className) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  const two = (value) => (value === null ? "" : value.toFixed(2));
  const outcome = (row) =>
    row.error ? "error" : row.correct === null ? "no label" : row.correct ? "right" : "wrong";
  const percent = (values) => (values ? Math.max(...values) : null);
  const top = (values) => (values ? data.labels[values.indexOf(Math.max(...values))] : "");
  const columns = [
    ["id", (row) => row.id],
    ["outcome", outcome],
    ["label", (row) => row.label],
    ["predicted", (row) => row.emotion],
    ["confidence", (row) => percent(row.fused), two],
    ["voice", (row) => top(row.voice)],
    ["words", (row) => top(row.words)],
    ["inconsistency", (row) => row.inconsistency, two],
    ["uncertain", (row) => (row.uncertain === null ? "" : row.uncertain ? "yes" : "no")],
    ["speaker", (row) => row.speaker],
    ["gender", (row) => row.gender],
    ["corpus", (row) => row.corpus],
    ["seconds", (row) => row.duration, two],
    ["text", (row) => row.text],
  ].filter(([, value]) => rows.some((row) => value(row) !== "" && value(row) !== null));

  function filtered() {
    const query = byId("query").value.trim().toLowerCase();
    const wanted = { label: byId("label").value, emotion: byId("emotion").value };
    const result = byId("outcome").value;
    const found = [];
    rows.forEach((row, index) => {
      if (state.subset && !state.subset.has(index)) return;
      if (wanted.label && row.label !== wanted.label) return;
      if (wanted.emotion && row.emotion !== wanted.emotion) return;
      if (result && outcome(row) !== result) return;
      if (query) {
        const text = [row.id, row.text, row.speaker, row.corpus, row.error].join("\n");
        if (!text.toLowerCase().includes(query)) return;
      }
      found.push(index);
    });
    if (state.column !== null) {
      const value = columns[state.column][1];
      const sign = state.descending ? -1 : 1;
      const missing = (one) => one === null || one === "";
      found.sort((a, b) => {
        const x = value(rows[a]), y = value(rows[b]);
        if (missing(x) || missing(y)) return missing(x) - missing(y) || a - b;
        const order = typeof x === "number" ? x - y : x.localeCompare(y, "en", { numeric: true });
        return sign * order || a - b;
      });
    }
    return found;
  }

  function drawHead() {
    const line = element("tr");
    columns.forEach(([name, , shown], i) => {
      const cell = element("th", undefined, shown ? "number" : "");
      const sorted = state.column === i;
      cell.scope = "col";
      cell.setAttribute("aria-sort", !sorted ? "none" : state.descending ? "descending" : "ascending");
      const button = element("button", name + (sorted ? (state.descending ? " ▼" : " ▲") : ""));
      button.type = "button";
      button.addEventListener("click", () => {
        state.descending = sorted && !state.descending;
        state.column = i;
        state.page = 0;
        draw();
        byId("table").tHead.rows[0].cells[i].firstChild.focus();
      });
      cell.append(button);
      line.append(cell);
    });
    byId("table").tHead.replaceChildren(line);
  }

  function draw() {
    drawHead();
    const found = filtered();
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    state.page = Math.min(state.page, pages - 1);
    const first = state.page * PAGE;
    const shown = found.slice(first, first + PAGE);
    byId("table").tBodies[0].replaceChildren(...shown.map((index) => {
      const row = rows[index];
      const line = element("tr", undefined, index === state.chosen ? "chosen" : "");
      columns.forEach(([name, value, asText], i) => {
        const told = value(row);
        const wrong = name === "outcome" && told === "wrong" ? "wrong" : "";
        const cell = element("td", undefined, asText ? "number" : LONG[name] || wrong);
        if (i === 0) {
          const button = element("button", told);
          button.type = "button";
          cell.append(button);
        } else {
          cell.textContent = asText ? asText(told) : told;
        }
        line.append(cell);
      });
      line.addEventListener("click", () => open(index));
      return line;
    }));
    const range = found.length > PAGE ? `, ${first + 1}–${first + shown.length} shown` : "";
    const subset = state.subset ? ` (${state.subsetName})` : "";
    byId("status").textContent = `${found.length} of ${rows.length} rows${subset}${range}`;
    byId("previous").disabled = state.page === 0;
    byId("next").disabled = state.page >= pages - 1;
  }

  function open(index) {
    const row = rows[index];
    const detail = byId("detail");
    state.chosen = index;
    const parts = [element("h3", row.id)];
    if (row.error) parts.push(element("p", row.error));
    if (row.text) parts.push(element("p", `“${row.text}” (${row.source})`));
    if (row.original && row.original !== row.label) {
      parts.push(element("p", `Label as given: ${row.original}`));
    }
    if (row.warnings) parts.push(element("p", row.warnings));
    if (row.sound) {
      const player = element("audio");
      player.controls = true;
      player.preload = "none";
      player.src = row.sound;
      parts.push(player);
    }
    if (row.fused) parts.push(probabilities(row));
    if (row.neighbours && row.neighbours.length) {
      const line = element("p", "Nearest in the fused representation: ");
      row.neighbours.forEach(([other, distance]) => {
        const name = `${rows[other].id} (${rows[other].label || "no label"}, ${distance.toFixed(2)})`;
        const button = element("button", name);
        button.type = "button";
        button.addEventListener("click", () => open(other));
        line.append(button, " ");
      });
      parts.push(line);
    }
    detail.replaceChildren(...parts);
    detail.hidden = false;
    draw();
    byId("all-rows").scrollIntoView();
    detail.focus({ preventScroll: true });
  }

  function probabilities(row) {
    const table = element("table");
    const head = element("tr");
    head.append(element("th"), ...data.labels.map((label) => element("th", label, "number")));
    const lines = [["fused", row.fused], ["voice only", row.voice], ["words only", row.words]];
    const body = lines.filter(([, values]) => values).map(([name, values]) => {
      const line = element("tr");
      line.append(element("th", name), ...values.map((value) => element("td", two(value), "number")));
      return line;
    });
    table.append(head, ...body);
    return table;
  }

  function clear() {
    byId("filters").reset();
    state.subset = null;
    state.page = 0;
  }

  const actions = {
    cell(point) {
      if (!point.customdata) return;
      clear();
      [byId("label").value, byId("emotion").value] = point.customdata;
      draw();
      byId("all-rows").scrollIntoView();
    },
    row(point) {
      if (point.customdata !== undefined) open(point.customdata);
    },
  };

  const figures = data.figures.map((figure, i) => {
    const place = byId(`figure-${i + 1}`);
    Plotly.newPlot(place, figure.data, figure.layout, { responsive: true, displaylogo: false,
      displayModeBar: false });
    const action = actions[place.dataset.action];
    if (action) place.on("plotly_click", (event) => action(event.points[0]));
    return place;
  });
  // Paper is narrower than the window the figures were drawn for.
  window.addEventListener("beforeprint", () =>
    figures.forEach((place) => Plotly.relayout(place, { width: 680, autosize: false })));
  window.addEventListener("afterprint", () =>
    figures.forEach((place) => Plotly.relayout(place, { width: null, autosize: true })));

  document.querySelectorAll("[data-slice]").forEach((button) => {
    button.addEventListener("click", () => {
      const slice = data.slices[Number(button.dataset.slice)];
      clear();
      state.subset = new Set(slice.rows);
      state.subsetName = slice.name;
      draw();
      byId("all-rows").scrollIntoView();
    });
  });
  document.querySelectorAll("[data-row]").forEach((button) => {
    button.addEventListener("click", () => open(Number(button.dataset.row)));
  });
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("input", () => { state.page = 0; draw(); });
  byId("clear").addEventListener("click", () => { clear(); draw(); });
  byId("previous").addEventListener("click", () => { state.page -= 1; draw(); });
  byId("next").addEventListener("click", () => { state.page += 1; draw(); });
  draw();
  document.body.dataset.drawn = String(figures.length);
})();
