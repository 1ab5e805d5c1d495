"""What images are fitted into before they are translated."""

from typing import NamedTuple

import numpy as np

from crd_keras.data.framing import frame_array, unframe_array


class Frame(NamedTuple):
    """A frame like those that a generator was trained on.

    Attributes:
        image_size: Its height and width in pixels.
        framing: How images are fitted in: "squash", "crop" or "pad".
    """

    image_size: tuple[int, int]
    framing: str

    def show(self, image: np.ndarray) -> np.ndarray:
        """The image in the frame. See `crd_keras.data.framing.frame_array`."""
        return frame_array(image, self.image_size, self.framing)

    def restore(self, image: np.ndarray, picture: tuple[int, int]) -> np.ndarray:
        """A translated image in the shape that it had before it was framed.

        Args:
            image: The translation of what `show` gave.
            picture: Height and width of the image before.
        """
        return unframe_array(image, picture, self.framing)
