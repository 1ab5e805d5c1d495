// The camera of a phone or computer, and why there is none, in words.

const REASONS = {
  NotAllowedError: "The camera may not be used: allow it in the browser's settings.",
  NotFoundError: "No camera was found.",
  NotReadableError: "The camera is in use by another program.",
};

export class Camera {
  #video;
  #stream;
  #facing = "environment";

  constructor(video) {
    this.#video = video;
  }

  // Starts the camera at the back where there are two. `ended` is called when it stops
  // by itself, as when it is unplugged. Throws an Error whose message is for the user.
  async start(ended) {
    if (!navigator.mediaDevices) {
      throw new Error("Browsers give the camera only to https:// and to localhost.");
    }
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: this.#facing },
      });
      this.#video.srcObject = this.#stream;
      await this.#video.play();
    } catch (error) {
      this.stop();
      throw new Error(REASONS[error.name] ?? `The camera fails: ${error.message}`);
    }
    this.#stream.getVideoTracks()[0].addEventListener("ended", ended);
  }

  async switch(ended) {
    this.stop();
    this.#facing = this.#facing === "user" ? "environment" : "user";
    await this.start(ended);
  }

  stop() {
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = undefined;
    this.#video.srcObject = null;
  }

  // Whether there is another one. Known only after the first start.
  static async several() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.filter((device) => device.kind === "videoinput").length > 1;
  }
}
