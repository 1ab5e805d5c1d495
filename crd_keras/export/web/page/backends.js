// What can run the model: WebGPU, on the graphics processor, or WebAssembly, on the CPU.

const ALL = ["webgpu", "wasm"]; // The fastest first.

// Chooses by what the browser has, or by the page's address, `?backend=wasm`.
// Returns `backends`, those to try, and `reason`: why WebGPU is not among them, in words.
export async function chooseBackends() {
  const wanted = new URLSearchParams(location.search).get("backend");
  if (wanted !== null && !ALL.includes(wanted)) {
    throw new Error(`?backend= must be webgpu or wasm. Received: ${wanted}`);
  }
  if (wanted === "wasm") {
    return { backends: ["wasm"], reason: "the page’s address asks for WebAssembly" };
  }
  const reason = await withoutWebGpu(wanted === "webgpu");
  if (wanted === null) {
    return { backends: reason ? ["wasm"] : ALL, reason };
  }
  if (reason) throw new Error(`WebGPU cannot run the model: ${reason}.`);
  return { backends: ["webgpu"] };
}

// Why WebGPU cannot run the model, `undefined` if it should be tried.
async function withoutWebGpu(software) {
  if (!isSecureContext) return "browsers give it only to https:// and to localhost";
  if (!navigator.gpu) return "this browser does not have it";
  // WebAssembly waits for the graphics processor by JavaScript Promise Integration.
  if (!WebAssembly.Suspending) return "this browser lacks what it needs, JSPI";
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) return "the browser has no graphics processor to use";
  if (adapter.info.isFallbackAdapter && !software) {
    return "the browser has no graphics processor and only imitates one, slowly";
  }
  return undefined;
}
