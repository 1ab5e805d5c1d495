// The page: what its controls do, and what it says.

import { chooseBackends } from "./backends.js";
import { Camera } from "./camera.js";
import { at, describe, describeRun } from "./facts.js";
import { FrameRate } from "./frame_rate.js";
import { decode, Frame, sizeOf } from "./picture.js";
import { Translator } from "./translator.js";

const translator = new Translator();
const camera = new Camera(at("video"));
let frame; // What the model sees, once model.json is there.
let newest = 0; // Counts the requests: an older one's result is not shown.

function say(text, isError = false) {
  at("status").classList.toggle("error", isError);
  at("status").textContent = text;
}

// What a control does: its errors are said in words.
function action(work) {
  return async (...event) => {
    try {
      await work(...event);
    } catch (error) {
      say(error.message, true);
    }
  };
}

async function start() {
  at("late").remove();
  say("Loading the model and its runtime.");
  const response = await fetch("model.json");
  if (!response.ok) throw new Error("model.json is missing: export the page again.");
  const model = await response.json();
  describe(model);
  frame = new Frame(model);
  const { backends, reason } = await chooseBackends();
  at("progress").hidden = false;
  try {
    const loaded = await translator.load(model, backends, (part) => {
      at("progress").value = part;
    });
    describeRun(loaded, reason ?? loaded.failure);
  } catch (error) {
    throw new Error(`The model cannot be started in this browser: ${error.message}`);
  } finally {
    at("progress").hidden = true;
  }
  for (const id of ["file", "sample", "start"]) at(id).disabled = false;
  say("Ready. Choose a picture, drop one on the page, or use the camera.");
}

async function translateFile(file) {
  stopCamera();
  const request = ++newest;
  const picture = await decode(file);
  if (request !== newest) return;
  say(`Translating ${file.name}.`);
  const milliseconds = await show(picture, request);
  picture.close();
  if (request !== newest) return;
  at("input").ariaLabel = `Input: ${file.name}`;
  at("output").ariaLabel = `Output: ${file.name}, translated`;
  at("rate").textContent = "–"; // The camera's, if it ran.
  say(`${file.name} was translated in ${Math.round(milliseconds)} ms.`);
}

// Shows a picture or a video's frame, and its translation.
// Returns the milliseconds that the model took.
async function show(source, request) {
  const size = sizeOf(source);
  const pixels = frame.draw(source);
  frame.show(at("input"), pixels, size);
  const { image, milliseconds } = await translator.translate(pixels);
  if (request === newest) {
    frame.show(at("output"), image, size);
    at("time").textContent = `${Math.round(milliseconds)} ms`;
    at("save").disabled = false;
  }
  return milliseconds;
}

async function runCamera(begin) {
  const request = ++newest;
  say("Starting the camera.");
  for (const id of ["start", "switch"]) at(id).disabled = true;
  try {
    await begin(() => stopCamera("The camera has stopped."));
    const several = await Camera.several();
    if (request !== newest) return camera.stop(); // A picture was chosen meanwhile.
    showCameraControls(true, several);
  } catch (error) {
    if (request !== newest) return;
    stopCamera();
    throw error;
  } finally {
    for (const id of ["start", "switch"]) at(id).disabled = false;
  }
  say("The camera is on: each of its pictures is translated.");
  at("input").ariaLabel = "Input: the camera";
  at("output").ariaLabel = "Output: the camera, translated";
  try {
    await translateFrames(request);
  } catch (error) {
    if (request !== newest) return;
    stopCamera();
    throw error;
  }
}

async function translateFrames(request) {
  const frameRate = new FrameRate(performance.now());
  while (request === newest) {
    await show(at("video"), request);
    await new Promise(requestAnimationFrame);
    const rate = frameRate.count(performance.now());
    if (rate !== undefined && request === newest) {
      at("rate").textContent = `${rate.toFixed(rate < 10 ? 1 : 0)} fps`;
    }
  }
}

function stopCamera(text = "The camera is off.") {
  newest++;
  if (at("stop").hidden) return;
  camera.stop();
  showCameraControls(false, false);
  say(text);
}

// The keyboard's focus goes from a button that disappears to the one in its place.
function showCameraControls(running, several) {
  const focused = document.activeElement;
  at("start").hidden = running;
  at("stop").hidden = !running;
  at("switch").hidden = !several;
  if (focused === document.body || focused?.hidden) at(running ? "stop" : "start").focus();
}

function save() {
  const link = document.createElement("a");
  link.download = "translated.png";
  at("output").toBlob((blob) => {
    link.href = URL.createObjectURL(blob);
    link.click();
    URL.revokeObjectURL(link.href);
  });
}

at("file").addEventListener(
  "change",
  action(async ({ target }) => {
    const [file] = target.files;
    target.value = ""; // So that the same file can be chosen again.
    if (file) await translateFile(file);
  }),
);
at("sample").addEventListener(
  "click",
  action(async () => {
    const blob = await (await fetch("sample.png")).blob();
    await translateFile(new File([blob], "The sample", { type: blob.type }));
  }),
);
at("start").addEventListener(
  "click",
  action(() => runCamera((ended) => camera.start(ended))),
);
at("switch").addEventListener(
  "click",
  action(() => runCamera((ended) => camera.switch(ended))),
);
at("stop").addEventListener("click", () => stopCamera());
at("save").addEventListener("click", save);
for (const type of ["dragenter", "dragover"]) {
  addEventListener(type, (event) => {
    event.preventDefault();
    document.body.classList.add("dragging");
  });
}
addEventListener("dragleave", ({ relatedTarget }) => {
  if (!relatedTarget) document.body.classList.remove("dragging");
});
addEventListener(
  "drop",
  action(async (event) => {
    event.preventDefault();
    document.body.classList.remove("dragging");
    const [file] = event.dataTransfer.files;
    if (!file) throw new Error("Drop a picture file.");
    if (at("file").disabled) throw new Error("The model is not loaded yet.");
    await translateFile(file);
  }),
);

action(start)();
