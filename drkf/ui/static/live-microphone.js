// Sends the microphone's sound to the server, from memory to memory.
//
// Gradio's streaming microphone sends a file for each tenth of a second, drops those that come
// while it is busy, and leaves them on the disk. Here a slow server gets longer pieces instead of
// more of them.
const [record, stop] = element.querySelectorAll("button");
const meter = element.querySelector("meter"), told = element.querySelector(".live-told");
const WORKLET = `registerProcessor("pieces", class extends AudioWorkletProcessor {
  process([input]) { if (input.length) this.port.postMessage(input[0].slice()); return true; }
})`;
const PIECE_MS = 500, MAX_SECONDS = 10;
let stream = null, context = null, timer = null, token = "", sending = false;
let kept = [], length = 0;
let opening = false, since = 0;
const say = (key) => { told.textContent = JSON.parse(told.dataset.texts)[key]; };

const keep = (block) => {
  kept.push(block);
  length += block.length;
  while (length > MAX_SECONDS * context.sampleRate) length -= kept.shift().length;
  const peak = block.reduce((highest, x) => Math.max(highest, Math.abs(x)), 0);
  meter.value = Math.max(peak, 0.9 * meter.value);
};
const encoded = (blocks, count) => {
  const pcm = new Int16Array(count);
  let place = 0;
  for (const block of blocks)
    for (const x of block) pcm[place++] = 32767 * Math.max(-1, Math.min(1, x));
  let bytes = "";
  const all = new Uint8Array(pcm.buffer);
  for (let i = 0; i < all.length; i += 8192)
    bytes += String.fromCharCode(...all.subarray(i, i + 8192));
  return btoa(bytes);
};
const send = async () => {
  if (sending || !length) return;
  sending = true;
  const blocks = kept, count = length;
  [kept, length] = [[], 0];
  try {
    const rate = context.sampleRate;
    const answer = await server.hear({ token, rate, pcm: encoded(blocks, count) });
    if (answer === "unknown" && stream) [kept, length] = [[...blocks, ...kept], length + count];
    if (answer === "over") halt();
  } catch (error) {
    // The connection failed: this piece is lost, the next one may arrive.
  } finally {
    sending = false;
  }
};
const halt = async () => {
  if (!stream) return;
  clearInterval(timer);
  stream.getTracks().forEach((track) => track.stop());
  context.close();
  stream = null;
  [kept, length] = [[], 0];
  stop.hidden = true;
  meter.value = 0;
  // The end may overtake the beginning, or the connection may be away.
  const end = { token, rate: context.sampleRate, pcm: "", stop: true };
  for (let tries = 0; tries < 60; tries++) {
    const answer = await server.hear(end).catch(() => "unknown");
    if (answer !== "unknown") break;
    await new Promise((wait) => setTimeout(wait, PIECE_MS));
  }
  record.hidden = false;
  record.focus();
  trigger("stop_recording");
};
record.addEventListener("click", async () => {
  if (stream || opening) return;
  opening = true;
  told.textContent = "";
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
    context = new AudioContext();
    await context.audioWorklet.addModule(
      URL.createObjectURL(new Blob([WORKLET], { type: "text/javascript" })));
  } catch (error) {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    say(drkfMicrophone.why(error));
    return;
  } finally {
    opening = false;
  }
  since = performance.now();
  const pieces = new AudioWorkletNode(context, "pieces", { numberOfOutputs: 0 });
  pieces.port.onmessage = ({ data }) => { if (stream) keep(data); };
  context.createMediaStreamSource(stream).connect(pieces);
  stream.getTracks().forEach((track) => track.addEventListener("ended", () => {
    say("stopped");
    halt();
  }));
  token = Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16)).join("-");
  [record.hidden, stop.hidden] = [true, false];
  stop.focus();
  trigger("start_recording", { token });
  timer = setInterval(send, PIECE_MS);
});
stop.addEventListener("click", () => {
  // The second click of a double one.
  if (performance.now() - since < drkfMicrophone.EARLY_MS) return say("early");
  told.textContent = "";
  halt();
});
