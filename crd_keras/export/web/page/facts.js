// What the page tells of the model.

export const at = (id) => document.getElementById(id);

// Fills in what model.json says, and gives the pictures the model's size.
export function describe({ title, width, height, parameters, model_bytes, sample }) {
  document.title = at("title").textContent = title;
  at("size").textContent = `${(model_bytes / 1e6).toFixed(2)} MB`;
  at("parameters").textContent = parameters.toLocaleString("en");
  at("pixels").textContent = `${width} × ${height}`;
  at("fit").textContent =
    "Pictures of another shape or size are cropped to their middle and scaled to " +
    `the model’s ${width} × ${height} pixels.`;
  at("sample").hidden = !sample;
  for (const id of ["input", "output"]) {
    at(id).width = width;
    at(id).height = height;
  }
}

export function fps(milliseconds) {
  const rate = 1000 / milliseconds;
  return `${rate.toFixed(rate < 10 ? 1 : 0)} fps`;
}
