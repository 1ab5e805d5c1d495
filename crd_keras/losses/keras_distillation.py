"""The losses of this package for Keras' own distillation."""

from typing import Any

import keras
from keras import KerasTensor


@keras.saving.register_keras_serializable(package="crd_keras")
class ImageDistillation(keras.distillation.DistillationLoss, keras.losses.Loss):
    """A loss between images as a loss of `keras.distillation.Distiller`.

    Being a Keras loss as well, it is saved with the distiller, and so are the weights
    of a network that the wrapped loss looks through, such as the VGG of
    `PerceptualLoss`. Such networks are frozen. Keras leaves it to the caller to compile
    a distiller again that was loaded.

    Args:
        loss: An `ImageLoss`, or any `keras.losses.Loss`, of the teacher's and the
            student's final outputs.
        name: Name of the loss.

    Example:

    ```python
    distiller = keras.distillation.Distiller(
        teacher,
        student,
        distillation_losses=ImageDistillation(ContentRelationLoss(patch_size=32)),
    )
    distiller.compile(optimizer="adam", loss="mae")
    distiller.fit(source_images, target_images)
    ```
    """

    def __init__(self, loss: keras.losses.Loss, name: str = "image_distillation"):
        super().__init__(name=name)
        self.loss = loss
        for network in getattr(loss, "networks", ()):
            network.trainable = False

    def call(self, y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
        return self.loss(y_true, y_pred)

    def compute_loss(
        self, teacher_outputs: KerasTensor, student_outputs: KerasTensor, **kwargs: Any
    ) -> KerasTensor:
        """The loss, a scalar, as `Distiller` calls it.

        Args:
            teacher_outputs: `(batch, H, W, C)` in [-1, 1].
            student_outputs: As `teacher_outputs`.
            **kwargs: Not used.
        """
        return self(teacher_outputs, student_outputs)

    def get_config(self) -> dict[str, Any]:
        return {"loss": keras.losses.serialize(self.loss), "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "ImageDistillation":
        return cls(**{**config, "loss": keras.losses.deserialize(config["loss"])})
