"""The base class of the losses between the features of two generators."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import KerasTensor, ops

from crd_keras.losses.image_loss import checked_data_format
from crd_keras.losses.teacher_term import TeacherTerm
from crd_keras.models.seeds import seed_stream


class FeatureLoss(keras.layers.Layer):
    """Compares the outputs of some layers of the teacher's and student's generators.

    The student has fewer channels. An adapter per layer, which learns with the student,
    gives its features as many channels as the teacher's. After the training the
    adapters are not needed.

    It is given to `CRDTrainer` among the `distillation_losses`. A subclass says what an
    adapter is (`make_adapter`) and how two features compare (`difference`).

    Args:
        layers: Names of layers that both generators have, such as `"block3"`. The
            losses of the layers are added.
        data_format: `"channels_last"` or `"channels_first"`, the layout of the
            features. Defaults to `keras.config.image_data_format()`.
        name: Name of the layer.
        seed: Seed of the adapters' weights. `None`: a random one.

    Raises:
        ValueError: If no layers are given, or (by the trainer) if a generator has not
            all of them.
    """

    # A loss of features is one term and looks through no network. See `LossWithTerms`.
    term_weights: dict[str, float] = {}
    networks: tuple[keras.Model, ...] = ()

    def __init__(
        self,
        layers: Sequence[str],
        data_format: str | None,
        name: str,
        seed: int | None = None,
    ):
        super().__init__(name=name)
        if isinstance(layers, str) or not layers:
            raise ValueError(
                "`layers` must be a list of names of layers, at least one. "
                f"Received: {layers!r}"
            )
        self.layers = tuple(layers)
        self.data_format = checked_data_format(data_format)
        self.seed = seed
        self.adapters: list[keras.layers.Layer] = []

    @property
    def channel_axis(self) -> int:
        return -1 if self.data_format == "channels_last" else 1

    def connect(self, teacher: keras.Model, student: keras.Model) -> None:
        """Makes the adapters for two generators. `CRDTrainer` calls it."""
        if self.adapters:
            return
        seeds = seed_stream(self.seed)
        for layer in self.layers:
            channels, student_channels = (
                model.get_layer(layer).output.shape[self.channel_axis]
                for model in (teacher, student)
            )
            adapter = self.make_adapter(channels, next(seeds))
            spatial = (None, None)
            adapter.build(
                (None, *spatial, student_channels)
                if self.channel_axis == -1
                else (None, student_channels, *spatial)
            )
            self.adapters.append(adapter)
        self.built = True

    def make_adapter(self, channels: int, seed: int) -> keras.layers.Layer:
        """Returns a layer whose output has so many channels.

        Args:
            channels: Their number.
            seed: Seed of its weights.
        """
        raise NotImplementedError(f"{type(self).__name__} must define `make_adapter`.")

    def difference(self, teacher: KerasTensor, student: KerasTensor) -> KerasTensor:
        """The loss of one layer, a scalar.

        Args:
            teacher: Features `(batch, height, width, channels)`, or channels first,
                float32.
            student: The adapted features of the student, as `teacher`.
        """
        raise NotImplementedError(f"{type(self).__name__} must define `difference`.")

    def call(
        self,
        teacher_features: dict[str, KerasTensor],
        student_features: dict[str, KerasTensor],
    ) -> KerasTensor:
        """The loss, a scalar.

        Args:
            teacher_features: Outputs of the layers by name. No gradient flows to them.
            student_features: The same of the student.
        """
        total = 0.0
        for layer, adapter in zip(self.layers, self.adapters, strict=True):
            teacher = ops.stop_gradient(teacher_features[layer])
            student = adapter(student_features[layer], training=True)
            total += self.difference(
                ops.cast(teacher, "float32"), ops.cast(student, "float32")
            )
        return total

    def check_images(self, image_shape: tuple) -> None:
        """Nothing: what the generators take their layers give."""

    def teacher_terms(self) -> Mapping[str, TeacherTerm]:
        """None: the teacher's features come with its images."""
        return {}

    def value_and_terms(
        self,
        teacher_features: dict[str, KerasTensor],
        student_features: dict[str, KerasTensor],
        teacher_terms: Mapping[str, Any] | None = None,
    ) -> tuple[KerasTensor, dict[str, KerasTensor]]:
        """As `call`, and no terms besides the loss itself."""
        return self(teacher_features, student_features), {}

    def get_config(self) -> dict[str, Any]:
        return {
            "layers": self.layers,
            "data_format": self.data_format,
            "name": self.name,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "FeatureLoss":
        return cls(**config)
