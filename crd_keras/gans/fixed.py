"""A teacher that is any Keras model, and stays as it is."""

from typing import Any

import keras

from crd_keras.gans.untrained import UntrainedTeacher
from crd_keras.losses.adversarial import AdversarialLoss
from crd_keras.utils.shapes import check_takes_images


@keras.saving.register_keras_serializable(package="crd_keras")
class FixedTeacher(UntrainedTeacher):
    """A trained Keras model of any architecture, from which students learn.

    It runs in inference mode, and nothing updates it. A discriminator, if there is
    one, learns real images against the student's (`discriminator_regime="updating"`,
    the default with this teacher), or stays as it is (`"updating-freezing"`).

    Args:
        generator: Keras model, source to target images: functional, sequential, or a
            class of one's own that has been built. It is set to be not trainable.
            Images are channels last, and in [-1, 1] on both sides. For one of another
            range put `keras.layers.Rescaling` around it, as below.
        discriminator: Keras model that discriminates target images, or images joined
            with their sources along the channels, source first: its input's channels
            tell which. `None`: students have no adversarial loss, unless they have a
            discriminator of their own.
        adversarial_loss: `"least_squares"`, `"hinge"`, `"vanilla"` or an
            `AdversarialLoss`.
        name: Name of the model.

    Call with source images, `(batch, height, width, channels)` in [-1, 1].

    Raises:
        ValueError: If `generator` is no Keras model or has not been built. By
            `CRDTrainer`, if it does not take the images, or gives others than the
            student.

    Example:

    ```python
    of_unit_range = keras.saving.load_model("teacher.keras")  # [0, 1] to [0, 1]
    generator = keras.Sequential(
        [
            keras.Input((None, None, 3)),
            keras.layers.Rescaling(0.5, offset=0.5),
            of_unit_range,
            keras.layers.Rescaling(2.0, offset=-1.0),
        ]
    )
    trainer = crd_keras.CRDTrainer(crd_keras.gans.FixedTeacher(generator), student)
    ```
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model | None = None,
        adversarial_loss: str | AdversarialLoss = "least_squares",
        name: str = "fixed_teacher",
    ):
        super().__init__(discriminator, adversarial_loss, name)
        if not isinstance(generator, keras.Model):
            raise ValueError(
                "`generator` must be a Keras model, such as "
                f"`keras.saving.load_model` gives. Received: {generator!r}"
            )
        if not generator.built:
            raise ValueError(
                "`generator` must be built: give it a `keras.Input`, or call it once. "
                f"Received: {generator.name}, which has no weights yet"
            )
        generator.trainable = False
        self.generator = generator

    def check_student(self, student: keras.Model, name: str = "student") -> None:
        for side in ("input_shape", "output_shape"):
            expected, found = (
                getattr(model, side, None) for model in (self.generator, student)
            )
            if expected and found and not _agree(expected, found):
                raise ValueError(
                    f"`{name}` must have an `{side}` that agrees with the teacher's, "
                    f"{expected}. Received: {found}"
                )
        self.check_is_other(student, name)

    def check_images(self, image_shape: tuple) -> None:
        super().check_images(image_shape)
        own = getattr(self.generator, "input_shape", None) or image_shape
        if not _agree(own[:3], image_shape[:3]):
            raise ValueError(
                "`x` must hold images of the only size that the teacher takes, "
                f"{own[1:]}. Received: {tuple(image_shape[1:])}"
            )
        check_takes_images(self.generator, image_shape, "generator")
        try:
            translated = self.generator.compute_output_shape(image_shape)
        except NotImplementedError:  # Of a class of one's own.
            return
        if not _agree(translated[:3], image_shape[:3]):
            raise ValueError(
                "`generator` must keep the images' height and width. Received: "
                f"images of shape {tuple(image_shape[1:])}, translated to "
                f"{tuple(translated[1:])}"
            )

    def get_config(self) -> dict[str, Any]:
        generator = keras.saving.serialize_keras_object(self.generator)
        return {"generator": generator, **super().get_config()}


def _agree(shape: tuple, other: tuple) -> bool:
    """Whether two shapes are the same as far as both are known."""
    return len(shape) == len(other) and all(
        a == b or a is None or b is None for a, b in zip(shape, other, strict=True)
    )
