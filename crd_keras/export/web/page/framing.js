// How a picture of any shape is fitted into the model's frame, as the training did:
// the arithmetic is that of crd_keras/utils/framing.py, in whole pixels.

// Where what of a picture comes to lie in a frame: `part` in the picture's pixels,
// `place` in the frame's. Sizes are { width, height }.
export function placePicture(framing, picture, frame) {
  const whole = middle(picture, picture);
  const filled = middle(frame, frame);
  if (framing === "crop") {
    return { part: middle(picture, shapeIn(frame, picture)), place: filled };
  }
  if (framing === "pad") {
    return { part: whole, place: middle(frame, shapeIn(picture, frame)) };
  }
  return { part: whole, place: filled }; // "squash"
}

// The largest size of a shape that there is room for.
export function shapeIn(shape, room) {
  const fitting = (a, b, most) => Math.max(1, Math.min(most, Math.floor(a / b + 0.5)));
  return {
    width: fitting(room.height * shape.width, shape.height, room.width),
    height: fitting(room.width * shape.height, shape.width, room.height),
  };
}

function middle(room, { width, height }) {
  const left = Math.floor((room.width - width) / 2);
  const top = Math.floor((room.height - height) / 2);
  return { left, top, width, height };
}
