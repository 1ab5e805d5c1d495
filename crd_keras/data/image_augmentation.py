"""More augmentation by the layers of keras-cv, without hidden state.

The layers draw from a state of their own, which a resumed training would not have. Here
they get the numbers from outside, so that the same seed is the same picture.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from crd_keras.data.tensorflow_import import import_keras_cv, import_tensorflow


class _Change(NamedTuple):
    """How a layer of keras-cv changes images.

    Attributes:
        layer: Its name in `keras_cv.layers`.
        arguments: What it is made with. Ranges to draw from are 0, as it draws nothing.
        transformations: From draws `(batch, _DRAWS)` in [0, 1) and the images' height
            and width to what the layer would have drawn.
    """

    layer: str
    arguments: dict[str, Any]
    transformations: Callable[[Any, tuple[int, int]], Any]


_DRAWS = 4
# Saturation is taken by hue, saturation and value, which only [0, 1] has.
_VALUE_RANGE = (0, 1)


def _between(low, high, draws):
    return low + (high - low) * draws


def _brightness(draws, size):
    return _between(-0.1, 0.1, draws[:, :1, None, None])


def _contrast(draws, size):
    return _between(0.8, 1.2, draws[:, :1, None, None])


def _saturation(draws, size):
    # The layer multiplies by x / (1 - x): by 2/3 to 3/2.
    return _between(0.4, 0.6, draws[:, 0])


def _hue(draws, size):
    return _between(-0.05, 0.05, draws[:, 0])  # In turns.


def _rotation(draws, size):
    return {"angles": _between(-math.pi / 18, math.pi / 18, draws[:, 0])}


def _zoom(draws, size):
    zooms = _between(0.9, 1.1, draws[:, :1])
    return {"height_zooms": zooms, "width_zooms": zooms}


def _cutout(draws, size):
    tf = import_tensorflow()
    height, width = size

    def pixels(numbers):
        return tf.cast(numbers, tf.int32)

    return {
        "centers_x": pixels(draws[:, 0] * width),
        "centers_y": pixels(draws[:, 1] * height),
        "rectangles_height": pixels(_between(0.25, 0.5, draws[:, 2]) * height),
        "rectangles_width": pixels(_between(0.25, 0.5, draws[:, 3]) * width),
    }


_RANGED = {"factor": 0, "value_range": _VALUE_RANGE}
# What an image's numbers follow from is the place here: new ones come last.
_CHANGES = {
    "brightness": _Change("RandomBrightness", _RANGED, _brightness),
    "contrast": _Change("RandomContrast", _RANGED, _contrast),
    "saturation": _Change("RandomSaturation", {"factor": 0}, _saturation),
    "hue": _Change("RandomHue", _RANGED, _hue),
    "rotation": _Change("RandomRotation", {"factor": 0}, _rotation),
    "zoom": _Change("RandomZoom", {"height_factor": 0}, _zoom),
    "cutout": _Change(
        "RandomCutout",
        {"height_factor": 0, "width_factor": 0, "fill_value": 0.5},
        _cutout,
    ),
}
_COLOR_JITTER = ("brightness", "contrast", "saturation", "hue")

IMAGE_AUGMENTATIONS = ("color_jitter", *_CHANGES)


def image_augmentation(names: Sequence[str]) -> Callable[[Any, Any], Any]:
    """Random changes of images, for `unpaired_dataset` and `paired_dataset`.

    | name | what happens to an image |
    | --- | --- |
    | `brightness` | up to 0.1 of the whole range is added or taken away |
    | `contrast` | distances from the mean colour are multiplied by 0.8 to 1.2 |
    | `saturation` | saturations are multiplied by 2/3 to 3/2 |
    | `hue` | hues are turned by up to 0.05 of the colour circle |
    | `color_jitter` | the four above, in this order |
    | `rotation` | rotated by up to 10 degrees, mirrored where it ends |
    | `zoom` | enlarged or made smaller by up to 10%, mirrored where it ends |
    | `cutout` | a rectangle becomes grey, each side 1/4 to 1/2 of the image's |

    A generator learns what its target domain looks like here: with `cutout` grey
    rectangles are a part of it.

    Args:
        names: Some of `IMAGE_AUGMENTATIONS`, in the order in which they are done.

    Returns:
        A function from an image, a float32 tensor of shape (height, width, 3) in
        [-1, 1], and a seed, two integers, to another such image. The same seed is the
        same change: it has no state.

    Raises:
        ImportError: If keras-cv or TensorFlow is not installed.
        ValueError: If a name is unknown, or a change would be done twice.
    """
    changes: list[str] = []
    for name in names:
        changes += _COLOR_JITTER if name == "color_jitter" else [name]
    if not set(changes) <= set(_CHANGES) or len(set(changes)) < len(changes):
        raise ValueError(
            f"`names` must be some of {', '.join(IMAGE_AUGMENTATIONS)}, each once, and "
            f"color_jitter is {', '.join(_COLOR_JITTER)}. Received: {','.join(names)}"
        )
    layers = {name: _layer(_CHANGES[name]) for name in changes}
    places = {name: place for place, name in enumerate(_CHANGES)}
    tf = import_tensorflow()

    @tf.function  # Traced once for both domains, which takes a second.
    def change_all(image, seed):
        image = (image + 1) / 2
        for name, layer in layers.items():
            own_seed = tf.random.experimental.stateless_fold_in(
                seed, places[name], alg="philox"
            )
            draws = tf.random.stateless_uniform((_DRAWS,), own_seed, alg="philox")
            image = layer({"images": image, "labels": draws})["images"]
        return tf.clip_by_value(image, 0, 1) * 2 - 1

    def augment(image, seed):
        return change_all(tf.cast(image, tf.float32), tf.cast(seed, tf.int64))

    return augment


def _layer(change):
    """The layer, which takes its numbers from the `labels` that come with images."""

    base: Any = getattr(import_keras_cv().layers, change.layer)

    class Stateless(base):
        def get_random_transformation_batch(self, batch_size, images, labels, **kwargs):
            return change.transformations(labels, images.shape[1:3])

    # Whatever the precision of the training: pictures are float32.
    return Stateless(**change.arguments, dtype="float32")
