// What the page tells of the model.

export const at = (id) => document.getElementById(id);

const FITS = {
  squash: "are shown to the model squashed to",
  crop: "are cropped to their middle and scaled to",
  pad: "are scaled, with a border, to",
};

// Fills in what model.json says, and gives the pictures the model's size.
export function describe(model) {
  const { title, width, height, framing, channels, sample } = model;
  document.title = at("title").textContent = title;
  at("size").textContent = `${(model.model_bytes / 1e6).toFixed(2)} MB`;
  at("parameters").textContent = model.parameters.toLocaleString("en");
  at("pixels").textContent = `${width} × ${height}`;
  at("fit").textContent =
    `Pictures of another shape or size ${FITS[framing]} the model’s ` +
    `${width} × ${height} pixels.`;
  at("framing").textContent = framing;
  at("channels").textContent = channels
    .map((count) => (count === 1 ? "grey" : "colour"))
    .join(" to ");
  at("sample").hidden = !sample;
  for (const id of ["input", "output"]) {
    at(id).width = width;
    at(id).height = height;
  }
}

// Fills in what the model runs on, and why not by WebGPU.
export function describeRun({ backend, threads }, reason) {
  const gpu = backend === "webgpu";
  const cpu = `CPU, ${threads} thread${threads > 1 ? "s" : ""}`;
  at("runtime").textContent = gpu ? "GPU" : cpu;
  at("by").textContent = gpu
    ? "The model runs by WebGPU."
    : `The model runs by WebAssembly, not by WebGPU: ${reason.replace(/\.+$/, "")}.`;
}
