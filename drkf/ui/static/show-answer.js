() => {
  const answer = document.querySelector("#ELEM_ID");
  const show = () => {
    const { top } = answer.getBoundingClientRect();
    if (top < 0 || top > innerHeight / 2)
      answer.scrollIntoView({ block: "start", behavior: "smooth" });
  };
  show();
  // Once it is there, what stood above it folds away.
  const waiting = new MutationObserver(() => {
    if (!answer.querySelector(".verdict-emotion, [role=alert]")) return;
    waiting.disconnect();
    setTimeout(show, 200);
  });
  waiting.observe(answer, { childList: true, subtree: true });
  setTimeout(() => waiting.disconnect(), 60_000);
}
