// Says beside a record button why there is no microphone, and keeps a double click from ending a
// recording before it began (Gradio 6.31 is then left with a player that nothing plays or clears).
//
// A recorder with the id X has a note with the id X-microphone, which carries the sentences.
window.drkfMicrophone = (() => {
  const EARLY_MS = 600;
  const BUSY = ["NotReadableError", "AbortError", "TrackStartError"];
  const available = () => window.isSecureContext && !!navigator.mediaDevices?.getUserMedia;
  const why = (error) => {
    if (!available()) return "insecure";
    if (["NotAllowedError", "SecurityError"].includes(error?.name)) return "denied";
    return BUSY.includes(error?.name) ? "busy" : "missing";
  };
  const say = (note, key) => {
    const told = note?.querySelector("[data-texts]");
    if (told) told.textContent = key ? JSON.parse(told.dataset.texts)[key] : "";
  };
  const noteOf = (button) =>
    [...document.querySelectorAll(".microphone-note")].find((note) =>
      document.getElementById(note.id.replace(/-microphone$/, ""))?.contains(button));
  // Of the record button that was pressed last: when, and since when sound comes.
  let press = null;

  document.addEventListener("click", (event) => {
    const record = event.target.closest?.(".record-button");
    const stop = event.target.closest?.(".stop-button");
    const refuse = (note, key) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      say(note, key);
    };
    const note = record || stop ? noteOf(record || stop) : null;
    if (!note) return;
    if (record && !available()) return refuse(note, "insecure");
    const early = press?.note === note &&
      performance.now() - (press.since ?? press.at) < EARLY_MS;
    if (early) return refuse(note, "early");
    if (record) {
      press = { note, at: performance.now(), since: null };
      return say(note, "");
    }
    press = null;
    say(note, "");
  }, true);

  if (available()) {
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const asking = press?.since === null ? press : null;
      try {
        const stream = await ask(wanted);
        if (asking) {
          asking.since = performance.now();
          for (const track of stream.getAudioTracks())
            track.addEventListener("ended", () => say(asking.note, "stopped"));
        }
        return stream;
      } catch (error) {
        if (asking) {
          say(asking.note, why(error));
          press = null;
        }
        throw error;
      }
    };
  }
  return { EARLY_MS, available, say, why };
})();
