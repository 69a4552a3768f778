/* Gradio's audio field refuses every file that the browser does not call audio, as it does with
   .webm and .mp4 recordings. Here any file passes, and the server tells by its content. */
(() => {
  const field = (event) =>
    event.target.closest?.("#audio, #other-voice, #talk-audio")?.querySelector("input[type=file]");
  const asAudio = (files) => {
    const passed = new DataTransfer();
    for (const file of files) {
      const type = file.type.startsWith("audio/") ? file.type : "audio/x-unknown";
      passed.items.add(new File([file], file.name, { type }));
    }
    return passed.files;
  };
  document.addEventListener("click", (event) => {
    const input = field(event);
    if (input && event.target === input) input.accept = "audio/*,video/*";
  }, true);
  document.addEventListener("change", (event) => {
    const input = field(event);
    if (input && event.target === input) input.files = asAudio(input.files);
  }, true);
  document.addEventListener("drop", (event) => {
    const input = field(event);
    if (!input || !event.dataTransfer.files.length) return;
    event.preventDefault();
    event.stopPropagation();
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change"));
  }, true);
})();
