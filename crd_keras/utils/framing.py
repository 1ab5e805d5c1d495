"""How a picture of any shape is fitted into a frame of one size."""

from typing import NamedTuple

FRAMINGS = ("squash", "crop", "pad")

BACKGROUND = 255
"""The grey level, of 255, beside padded pictures and behind transparent ones: white."""


class Box(NamedTuple):
    """A rectangle of whole pixels."""

    top: int
    left: int
    height: int
    width: int


class Placement(NamedTuple):
    """Where what of a picture comes to lie in a frame.

    Attributes:
        part: What is shown of the picture, in the picture's pixels.
        place: Where it is shown, resized, in the frame's pixels.
    """

    part: Box
    place: Box


def place_picture(
    framing: str, picture: tuple[int, int], frame: tuple[int, int]
) -> Placement:
    """Fits a picture into a frame.

    The web page's framing.js computes the same.

    Args:
        framing: `"squash"`: the whole picture fills the frame and loses its shape.
            `"crop"`: the largest middle part of the frame's shape fills it. `"pad"`:
            the whole picture lies in the middle and keeps its shape.
        picture: Height and width of the picture.
        frame: Height and width of the frame.

    Raises:
        ValueError: If there is no such framing.
    """
    check_framing(framing)
    whole, filled = Box(0, 0, *picture), Box(0, 0, *frame)
    if framing == "crop":
        return Placement(_middle(picture, shape_in(frame, picture)), filled)
    if framing == "pad":
        return Placement(whole, _middle(frame, shape_in(picture, frame)))
    return Placement(whole, filled)


def shape_in(shape: tuple[int, int], room: tuple[int, int]) -> tuple[int, int]:
    """The largest height and width of a shape that there is room for, in whole pixels.

    Args:
        shape: Height and width of something of that shape.
        room: Height and width of the room.
    """
    height, width = shape
    return (
        max(1, min(room[0], _rounded(room[1] * height, width))),
        max(1, min(room[1], _rounded(room[0] * width, height))),
    )


def check_framing(framing: str, name: str = "framing") -> None:
    """Raises a ValueError if there is no such framing.

    Args:
        framing: The framing.
        name: The argument that it is.
    """
    if framing not in FRAMINGS:
        raise ValueError(
            f"`{name}` must be one of {', '.join(FRAMINGS)}. Received: {framing!r}"
        )


def _rounded(number, divisor):
    """A quotient of whole numbers, halves rounded up."""
    return (2 * number + divisor) // (2 * divisor)


def _middle(room, size):
    offsets = ((outer - inner) // 2 for outer, inner in zip(room, size, strict=True))
    return Box(*offsets, *size)
