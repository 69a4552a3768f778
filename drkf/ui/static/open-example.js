() => {
  /* A link to an example in the tab "Analyse" runs it, as a press on its button would. */
  const wanted = new URLSearchParams(location.search);
  if ((wanted.get("tab") ?? "analyse") !== "analyse" || !wanted.has("example")) return;
  const button = document.getElementById(`example-${wanted.get("example")}`);
  if (button instanceof HTMLButtonElement) button.click();
}
