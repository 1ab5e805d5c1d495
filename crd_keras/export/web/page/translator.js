// The page's end of worker.js: one request at a time, each with one answer.

export class Translator {
  #worker;
  #last = Promise.resolve();

  // Loads the files that model.json names, with the runtime of the first of `backends`
  // that works. `progress` is called with 0 to 1.
  // Returns `backend`, `threads`, the number of them that the model runs on, and
  // `failure`: what went wrong with the backend before, if any.
  async load({ runtimes, ...model }, backends, progress) {
    let failure;
    for (const backend of backends) {
      this.#worker = new Worker("worker.js", { type: "module" });
      const request = { ...model, backend, runtime: runtimes[backend] };
      try {
        const { threads } = await this.#ask(request, progress);
        return { backend, threads, failure };
      } catch (error) {
        this.#worker.terminate(); // With all that it has loaded.
        failure = error.message;
      }
    }
    throw new Error(failure);
  }

  // Translates an ImageData of the model's size.
  // Returns `image`, another ImageData, and `milliseconds`, the model's own time.
  async translate({ data, width, height }) {
    const { pixels, milliseconds } = await this.#ask({ pixels: data, width, height });
    return { image: new ImageData(pixels, width, height), milliseconds };
  }

  #ask(request, progress) {
    const answer = this.#last.then(
      () =>
        new Promise((resolve, reject) => {
          this.#worker.onmessage = ({ data }) => {
            if (data.progress !== undefined) progress(data.progress);
            else if (data.error !== undefined) reject(new Error(data.error));
            else resolve(data);
          };
          // A browser too old for the worker's module says no more than this.
          this.#worker.onerror = (event) =>
            reject(new Error(event.message || "the worker cannot be started"));
          this.#worker.postMessage(request);
        }),
    );
    this.#last = answer.catch(() => {}); // The next request need not fail as well.
    return answer;
  }
}
