"""A teacher whose images were made before."""

from typing import Any

import keras
from keras import KerasTensor

from crd_keras.gans.untrained import UntrainedTeacher
from crd_keras.losses.adversarial import AdversarialLoss


@keras.saving.register_keras_serializable(package="crd_keras")
class StoredTeacher(UntrainedTeacher):
    """A teacher of which there are only images: any program may have made them.

    They come with the data. `fit` takes as `y` the teacher's translation of each source
    image, or a pair `(taught, real)`: these, and real images of the target domain,
    which need not be theirs. `crd_keras.data.taught_source` reads such data from
    folders, and `unpaired_arrays` brings arrays together.

    A discriminator, if there is one, learns real images against the student's
    (`discriminator_regime="updating"`, the default with this teacher), or stays as it
    is (`"updating-freezing"`). Where no real images are given, the teacher's stand for
    them.

    The losses compare images: those that compare outputs of the generators' layers, as
    `ChannelDistillation`, are refused.

    Args:
        discriminator: Keras model that discriminates target images, or images joined
            with their sources along the channels, source first: its input's channels
            tell which. `None`: students have no adversarial loss, unless they have a
            discriminator of their own.
        adversarial_loss: `"least_squares"`, `"hinge"`, `"vanilla"` or an
            `AdversarialLoss`.
        name: Name of the model.

    Example:

    ```python
    trainer = crd_keras.CRDTrainer(crd_keras.gans.StoredTeacher(), student)
    trainer.compile()
    trainer.fit(photos, paintings_of_the_photos, batch_size=4, epochs=100)
    ```
    """

    generator = None

    def __init__(
        self,
        discriminator: keras.Model | None = None,
        adversarial_loss: str | AdversarialLoss = "least_squares",
        name: str = "stored_teacher",
    ):
        super().__init__(discriminator, adversarial_loss, name)

    def check_student(self, student: keras.Model, name: str = "student") -> None:
        self.check_is_other(student, name)

    def split_target(self, target: Any) -> tuple[Any, Any]:
        if not isinstance(target, (tuple, list)):
            return target, target
        if len(target) != 2:
            raise ValueError(
                "`y` must be the teacher's images, or a pair of these and real images. "
                f"Received: {len(target)} parts"
            )
        taught, real = target
        return taught, real

    def call(self, inputs: KerasTensor, training: bool = False) -> KerasTensor:
        raise ValueError(
            "A `StoredTeacher` has no generator: what it makes of an image is stored. "
            f"Received: a batch of shape {tuple(inputs.shape)}"
        )
