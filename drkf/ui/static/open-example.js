() => {
  /* A link to an example in the tab "Analyse" runs it, as a press on its button would. */
  const wanted = new URLSearchParams(location.search);
  const place = PLACES[wanted.get("example")];
  if (!place || (wanted.get("tab") ?? "analyse") !== "analyse") return;
  document.querySelectorAll(`#${place[0]} button`)[place[1]]?.click();
}
