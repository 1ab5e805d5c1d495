// Pictures become pixels of the model's size.

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

// Draws the middle of a picture or of a video's frame, as large as fits, into a canvas.
// Returns its pixels. A picture of the canvas' size goes in unchanged.
export function drawMiddle(canvas, source) {
  const width = source.videoWidth ?? source.width;
  const height = source.videoHeight ?? source.height;
  const scale = Math.min(width / canvas.width, height / canvas.height);
  const [w, h] = [canvas.width * scale, canvas.height * scale];
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  context.fillStyle = "white"; // Behind what is transparent.
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  const [x, y] = [(width - w) / 2, (height - h) / 2];
  context.drawImage(source, x, y, w, h, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}
