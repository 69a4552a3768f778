/* The switches at the top of the page: the language, and large type for a projector. */
(() => {
  const refit = () => dispatchEvent(new Event("resize")); // figures fit themselves again
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-language], [data-projector]");
    if (button?.dataset.language) {
      document.cookie =
        `COOKIE=${button.dataset.language}; path=/; max-age=31536000; samesite=lax`;
      location.reload();
    } else if (button) {
      const on = document.documentElement.classList.toggle("projector");
      button.setAttribute("aria-pressed", String(on));
      refit();
    }
    // A figure that was folded away does not know its width before it is seen.
    if (event.target.closest?.(".fold > button")) setTimeout(refit, 60);
  });
})();
