// Pictures become pixels of the model's frame, and its pixels pictures again.

import { placePicture, shapeIn } from "./framing.js";

// Decodes an image file, upright. Its colours are taken as they are in the file, as
// the training did, whatever its colour profile.
export async function decode(file) {
  try {
    return await createImageBitmap(file, {
      imageOrientation: "from-image",
      colorSpaceConversion: "none",
    });
  } catch {
    throw new Error(
      `“${file.name}” is no picture that this browser can read. ` +
        "JPEG, PNG, WebP, GIF and BMP work everywhere.",
    );
  }
}

// The frame that the model sees, described by model.json.
export class Frame {
  #model;
  #canvas = document.createElement("canvas");

  constructor(model) {
    this.#model = model;
    this.#canvas.width = model.width;
    this.#canvas.height = model.height;
  }

  // Draws a picture or a video's frame as the model was shown pictures in its training.
  // Returns the pixels. A picture of the frame's size goes in unchanged.
  draw(source) {
    const { width, height, framing, background, channels } = this.#model;
    const { part, place } = placePicture(framing, sizeOf(source), { width, height });
    const context = this.#context();
    const grey = `rgb(${background}, ${background}, ${background})`;
    context.fillStyle = grey; // Behind what is transparent, and beside the picture.
    context.fillRect(0, 0, width, height);
    context.imageSmoothingQuality = "high";
    context.drawImage(
      source,
      ...[part.left, part.top, part.width, part.height],
      ...[place.left, place.top, place.width, place.height],
    );
    const pixels = context.getImageData(0, 0, width, height);
    if (channels[0] === 1) makeGrey(pixels.data);
    return pixels;
  }

  // Shows pixels of the frame in a canvas, in the shape of the picture that they are of.
  show(canvas, pixels, source) {
    const { width, height, framing } = this.#model;
    const { place } = placePicture(framing, source, { width, height });
    const squashed = framing === "squash";
    const size = squashed ? shapeIn(source, { width, height }) : place;
    // To set a size clears the canvas.
    if (canvas.width !== size.width) canvas.width = size.width;
    if (canvas.height !== size.height) canvas.height = size.height;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!squashed) return context.putImageData(pixels, -place.left, -place.top);
    this.#context().putImageData(pixels, 0, 0);
    context.imageSmoothingQuality = "high";
    context.drawImage(this.#canvas, 0, 0, canvas.width, canvas.height);
  }

  #context() {
    const options = { alpha: false, willReadFrequently: true };
    return this.#canvas.getContext("2d", options);
  }
}

// Width and height of a picture or of a video's frame.
export function sizeOf(source) {
  return {
    width: source.videoWidth ?? source.width,
    height: source.videoHeight ?? source.height,
  };
}

// Gives the three colours of each pixel its brightness, rounded as Pillow does.
function makeGrey(data) {
  for (let at = 0; at < data.length; at += 4) {
    const sum = 19595 * data[at] + 38470 * data[at + 1] + 7471 * data[at + 2];
    data[at] = data[at + 1] = data[at + 2] = (sum + 0x8000) >> 16;
  }
}
