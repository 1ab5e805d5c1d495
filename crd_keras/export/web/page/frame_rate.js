// How many pictures are translated in a second.

export class FrameRate {
  #pictures = 0;
  #start;

  // `start` and `now` are in milliseconds, as of `performance.now()`.
  constructor(start) {
    this.#start = start;
  }

  // Counts a picture. Returns the rate when a second has passed since the last one was
  // returned, and `undefined` in between.
  count(now) {
    this.#pictures++;
    const milliseconds = now - this.#start;
    if (milliseconds < 1000) return undefined;
    const rate = (1000 * this.#pictures) / milliseconds;
    this.#pictures = 0;
    this.#start = now;
    return rate;
  }
}
