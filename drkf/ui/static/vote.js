/* A phone in a room: asks every two seconds what is asked, shows it, sends one vote a round. */
(() => {
  const texts = JSON.parse(document.getElementById("texts").textContent);
  const get = (id) => document.getElementById(id);
  const EVERY = 2000;
  let code = new URLSearchParams(location.search).get("room") ?? "";
  let shown = null; // number of the round whose question is on the page
  let timer = 0;

  /* A number that this phone makes for itself; it says nothing about whose phone it is. */
  function phone() {
    const make = () => Array.from(crypto.getRandomValues(new Uint8Array(16)),
      (byte) => byte.toString(16).padStart(2, "0")).join("");
    try {
      let kept = localStorage.getItem("drkf-phone");
      if (!/^[0-9a-f]{32}$/.test(kept ?? "")) localStorage.setItem("drkf-phone", kept = make());
      return kept;
    } catch { // a browser that keeps nothing
      return (window.drkfPhone ??= make());
    }
  }

  function say(message, alert = false) {
    const status = get("status");
    if (status.textContent !== message) status.textContent = message;
    status.classList.toggle("alert", alert);
  }

  function show(id) {
    for (const part of ["enter", "question", "result", "poll", "poll-result", "annotated"])
      get(part).hidden = part !== id;
  }

  function choices(place, name, values, names) {
    get(place).replaceChildren(...values.map((value) => {
      const label = document.createElement("label");
      const input = Object.assign(document.createElement("input"),
        { type: "radio", name, value, required: true });
      label.append(input, names[value] ?? value);
      return label;
    }));
  }

  function ask(state) {
    if (shown === state.round) return;
    shown = state.round;
    get("place").hidden = !state.total;
    get("place").textContent = state.total ? texts.place
      .replace("{place}", state.place).replace("{total}", state.total) : "";
    get("words").hidden = !state.words;
    get("words").textContent = state.words;
    get("clip").hidden = !state.clip;
    if (state.clip)
      get("clip").src = `vote/${encodeURIComponent(code)}/${state.round}/clip?phone=${phone()}`;
    else get("clip").removeAttribute("src");
    choices("emotions", "emotion", state.labels, texts.emotions);
    choices("sure", "sure", ["guess", "rather", "certain"], texts.sure);
    get("agreeing").hidden = get("agreeing").disabled = !state.clip;
    choices("agree", "agree", ["yes", "no", "unknown"], texts.agree);
    get("send").disabled = false;
    say("");
    show("question");
  }

  function cell(kind, textContent, className = "") {
    return Object.assign(document.createElement(kind), { textContent, className });
  }

  function askPoll({ poll, question, answers }) {
    if (shown === `poll ${poll}`) return;
    shown = `poll ${poll}`;
    get("poll-question").textContent = question;
    choices("answers", "choice", answers.map((_, place) => String(place)), answers);
    get("send-answer").disabled = false;
    say("");
    show("poll");
  }

  function uncoverPoll({ poll, question, answers, counts, right }) {
    if (shown === `poll ${poll} over ${right}`) return;
    shown = `poll ${poll} over ${right}`;
    get("poll-asked").textContent = question;
    const votes = counts.reduce((sum, count) => sum + count, 0);
    get("poll-rows").replaceChildren(...answers.map((answer, place) => {
      const row = document.createElement("tr");
      const bars = cell("td", "", "bar");
      bars.append(bar("class", votes ? counts[place] / votes : 0));
      const name = cell("th", answer + (place === right ? " ✓" : ""),
        place === right ? "same" : "");
      name.scope = "row";
      row.append(name, bars, cell("td", String(counts[place]), "number"));
      return row;
    }));
    say("");
    show("poll-result");
  }

  /* What this phone labelled, beside the class, what was meant, and the model. */
  function annotated(state) {
    if (shown === `annotated ${state.round}`) return;
    shown = `annotated ${state.round}`;
    const clips = state.annotated.filter(({ own }) => own !== null);
    const same = (other) => clips.filter((clip) => clip.own === clip[other]).length;
    get("annotated-said").textContent = texts.annotated_same
      .replace("{clips}", clips.length).replace("{class}", same("class"))
      .replace("{meant}", same("meant")).replace("{model}", same("model"));
    const named = (emotion) => emotion ? texts.emotions[emotion] ?? emotion : "–";
    get("annotated-rows").replaceChildren(...state.annotated.map((clip) => {
      const row = document.createElement("tr");
      const place = cell("th", String(clip.place));
      place.scope = "row";
      row.append(place, cell("td", named(clip.own)),
        ...["class", "meant", "model"].map((who) =>
          cell("td", named(clip[who]), clip[who] && clip[who] === clip.own ? "same" : "")));
      return row;
    }));
    say("");
    show("annotated");
  }

  function bar(kind, share) {
    const made = document.createElement("div");
    made.className = kind;
    made.style.width = `${Math.round(100 * share)}%`;
    return made;
  }

  function uncover({ round, title, labels, result }) {
    if (shown === -round) return;
    shown = -round;
    const votes = Object.values(result.counts).reduce((sum, count) => sum + count, 0);
    get("result-title").textContent = title;
    const named = (emotion) => texts.emotions[emotion] ?? emotion;
    get("result-said").textContent = [
      [texts.model_says, result.fused], [texts.model_voice, result.voice],
      [texts.model_words, result.words_alone],
    ].filter(([, one]) => one)
      .map(([said, one]) => said.replace("{emotion}", named(one.emotion))
        .replace("{probability}", one.probability.toFixed(2))).join(" ");
    get("result-rows").replaceChildren(...labels.map((label) => {
      const row = document.createElement("tr");
      const name = Object.assign(document.createElement("th"), { textContent: named(label) });
      name.scope = "row";
      const bars = Object.assign(document.createElement("td"), { className: "bar" });
      const share = votes ? result.counts[label] / votes : 0;
      bars.append(bar("class", share), bar("model", result.probabilities[label]));
      const number = (textContent) =>
        Object.assign(document.createElement("td"), { className: "number", textContent });
      row.append(name, bars, number(String(result.counts[label])),
        number(result.probabilities[label].toFixed(2)));
      return row;
    }));
    say("");
    show("result");
  }

  async function look() {
    clearTimeout(timer);
    try {
      const answer = await fetch(`vote/${encodeURIComponent(code)}/state?phone=${phone()}`,
        { cache: "no-store" });
      const state = await answer.json();
      if (answer.status === 404) {
        shown = null;
        say(state.message, true);
        return show("enter");
      }
      if (answer.status === 429) {
        say(state.message, true);
        if (shown === null) return show("enter");
      } else if (!answer.ok) say(state.message, true);
      else if (state.result) uncover(state);
      else if (state.annotated) annotated(state);
      else if (state.counts) uncoverPoll(state);
      else if (state.round === null) { show(null); say(texts.waiting); }
      else if (state.voted) { shown = null; show(null); say(texts.voted); }
      else if (state.poll) askPoll(state);
      else ask(state);
    } catch {
      say(texts.offline, true);
    }
    timer = setTimeout(look, EVERY);
  }

  get("enter").addEventListener("submit", (event) => {
    event.preventDefault();
    code = get("code").value.replace(/[\s-]/g, "").toUpperCase();
    history.replaceState(null, "", `?room=${encodeURIComponent(code)}`);
    say(texts.looking);
    look();
  });
  async function send(button, where, ballot) {
    get(button).disabled = true;
    try {
      const answer = await fetch(`vote/${encodeURIComponent(code)}/${where}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ ...ballot, phone: phone() }),
      });
      const told = await answer.json();
      if (!answer.ok) { // late, double, or not taken
        shown = null;
        say(told.message, true);
        timer = setTimeout(look, EVERY);
        return;
      }
      look();
    } catch {
      say(texts.offline, true);
      get(button).disabled = false;
    }
  }
  get("question").addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = Object.fromEntries(new FormData(event.target));
    send("send", "cast", { agree: "unknown", ...chosen, round: shown });
  });
  get("poll").addEventListener("submit", (event) => {
    event.preventDefault();
    const choice = Number(new FormData(event.target).get("choice"));
    send("send-answer", "answer", { poll: Number(shown.split(" ")[1]), choice });
  });
  if (code) look();
  else show("enter");
})();
