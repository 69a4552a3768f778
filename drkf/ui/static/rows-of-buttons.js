/* A row of buttons is one stop of the Tab key; the arrow keys go from button to button in it. */
(() => {
  const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
  const enter = (buttons, entered) =>
    buttons.forEach((button) => { button.tabIndex = button === entered ? 0 : -1; });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Tab")
      for (const row of document.querySelectorAll(".chips:not([role])")) {
        row.setAttribute("role", "toolbar");
        const heading = row.previousElementSibling?.textContent.trim();
        if (heading) row.setAttribute("aria-label", heading);
        const buttons = [...row.querySelectorAll("button")];
        enter(buttons, buttons[0]);
      }
    const row = event.target.closest?.(".chips"), step = STEPS[event.key];
    if (!row || !step) return;
    const buttons = [...row.querySelectorAll("button")];
    const next = buttons[buttons.indexOf(event.target.closest("button")) + step];
    if (!next) return;
    event.preventDefault();
    enter(buttons, next);
    next.focus();
  }, true);
})();
