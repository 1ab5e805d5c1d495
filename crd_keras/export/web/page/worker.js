// Runs the model beside the page, which so stays responsive: a worker of its own.

let ort; // ONNX Runtime Web: each backend has one of its own.
let session;
let channels; // Of the images that go in and come out: 1, grey, or 3.

addEventListener("message", async ({ data }) => {
  try {
    postMessage(data.model ? await load(data) : await translate(data));
  } catch (error) {
    postMessage({ error: String(error?.message ?? error) });
  }
});

async function load({ model, model_bytes, channels: both, backend, runtime }) {
  channels = both;
  const bytes = model_bytes + runtime.bytes;
  let loaded = 0;
  const count = (length) => {
    loaded += length;
    postMessage({ progress: Math.min(1, loaded / bytes) });
  };
  const [graph, wasm] = await Promise.all(
    [model, runtime.wasm].map((file) => download(file, count)),
  );
  ort = await import(`./${runtime.script}`);
  // Threads need shared memory, which browsers give to pages whose server sends the
  // headers Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy.
  const threads = crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmBinary = wasm;
  session = await ort.InferenceSession.create(graph, { executionProviders: [backend] });
  // The first run takes longer: not one that the user waits for.
  const { shape } = session.inputMetadata[0];
  await run(new Uint8Array(shape.reduce((product, side) => product * side)), shape);
  return { threads };
}

async function download(file, count) {
  const response = await fetch(file);
  if (!response.ok) throw new Error(`${file} cannot be loaded (${response.status})`);
  const parts = [];
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
    parts.push(value);
    count(value.length);
  }
}

// Pixels in and out are those of ImageData: bytes, red green blue alpha. The model
// takes and gives bytes without alpha; it scales and rounds by itself. What is grey has
// three equal colours in ImageData.
async function translate({ pixels, width, height }) {
  const [taken, given] = channels;
  const colours = new Uint8Array(width * height * taken);
  for (let from = 0, to = 0; from < pixels.length; from += 4) {
    for (let channel = 0; channel < taken; channel++) {
      colours[to++] = pixels[from + channel];
    }
  }
  const start = performance.now();
  const output = await run(colours, [1, height, width, taken]);
  const milliseconds = performance.now() - start;
  const translated = new Uint8ClampedArray(pixels.length).fill(255);
  for (let from = 0, to = 0; from < output.length; from += given, to += 4) {
    for (let channel = 0; channel < 3; channel++) {
      translated[to + channel] = output[from + Math.min(channel, given - 1)];
    }
  }
  return { pixels: translated, milliseconds };
}

async function run(bytes, shape) {
  const images = new ort.Tensor("uint8", bytes, shape);
  const { translated } = await session.run({ images });
  return translated.data;
}
