() => setTimeout(
  () => {
    const shown = document.querySelector("#ELEM_ID");
    const { top, bottom } = shown?.getBoundingClientRect() ?? { top: 0, bottom: 0 };
    if (top < 0 || bottom > innerHeight)
      shown.scrollIntoView({ block: "start", behavior: "smooth" });
  },
  200)
