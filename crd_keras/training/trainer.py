"""Training a teacher and, from its images, a student."""

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

import keras
from keras import KerasTensor, ops

from crd_keras import backend
from crd_keras.export import export_model
from crd_keras.export.input_signature import signature_options
from crd_keras.gans.teacher import Teacher, add_losses
from crd_keras.interop import load_weights
from crd_keras.losses.content_relation import ContentRelationLoss
from crd_keras.losses.perceptual import PerceptualLoss
from crd_keras.models import vgg16_features
from crd_keras.schedules import Schedule, get_schedule
from crd_keras.training.best_network import BestNetwork
from crd_keras.training.freezing import frozen
from crd_keras.training.optimizers import OptimizerGroup, minimize, with_loss_scale
from crd_keras.training.skip_batches import skip_batches
from crd_keras.training.student_loss import StudentLoss
from crd_keras.training.tapped_generator import GeneratorOutputs, TappedGenerator
from crd_keras.utils.shapes import check_takes_images
from crd_keras.utils.validation import check_image_range

REGIMES = ("updating-freezing", "updating", "none")


# Keras' own batch size, which `fit` has by default.
_FIRST_IMAGES = 32
# Logs of a step: what its images are between.
_RANGES = ("x_least", "x_greatest", "y_least", "y_greatest")


class Phase(NamedTuple):
    """What a training step does. A compiled step is made for each."""

    trains_teacher: bool
    trains_student: bool
    distils_best: bool


@keras.saving.register_keras_serializable(package="crd_keras")
class CRDTrainer(backend.StepMixin, keras.Model):
    """Trains a teacher GAN and distils a student generator from it.

    This is the method of "Exploring Content Relationships for Distilling Efficient
    GANs" (arXiv:2212.11091), to which "the paper" and "Table 6" refer below.

    Each step updates the teacher's generators, then its discriminators, then the
    student. The student minimises

        sum of weight * distillation loss(teacher's image, student's image)
        + adversarial_weight * adversarial(discriminator(student's image))

    Of the teacher it is given the images, and the outputs of some layers if a
    `FeatureLoss` is among the distillation losses. They come from the best teacher so
    far, if one has been kept (`crd_keras.callbacks.BestTeacher` does so). Otherwise
    they come from the teacher as it was just before its own update in the same step.

    Args:
        teacher: A `crd_keras.gans.Teacher`, such as `CycleGAN`.
        student: Keras model with the input and output shape of the teacher's generator.
        distillation_losses: Dict of names to losses between the teacher's and the
            student's images, `ImageLoss` or any `keras.losses.Loss`, or between
            outputs of their generators' layers, `FeatureLoss`. Defaults to the
            paper's, `{"relation": ContentRelationLoss(), "perceptual":
            PerceptualLoss(vgg16_features())}`, for which Keras downloads the ImageNet
            weights of VGG-16. An empty dict distils nothing.
        distillation_loss_weights: Dict of names to weights of these losses. A loss
            that is not named has weight 1. Defaults to the paper's for CycleGAN,
            `{"relation": 25.0}`, if there is a loss of that name.
        adversarial_weight: Weight of the student's adversarial loss.
        discriminator_regime: What the discriminator does for the student (Table 6).
            `"updating-freezing"`: it is updated with the teacher and frozen for the
            student. `"updating"`: it is updated with both, for the student as well on
            the student's images. `"none"`: the student has no adversarial loss.
        discriminator_weights: Path of a `.keras` or `.weights.h5` file of the
            discriminator of the target domain, from which training then starts
            (the pretrained rows of Table 6).
        schedule: `"joint"`: teacher and student are updated in each step. `"phased"`:
            10 epochs of the teacher, then 40 of the student, and so on.
            `"student_only"`: the teacher stays as it is. Or a
            `crd_keras.schedules.Schedule`, such as `Phased(5, 20)`.
        name: Name of the model.

    Call with source images, `(batch, height, width, channels)` in [-1, 1]. The student
    translates them.

    `fit` and `evaluate` take source images as `x` and target images as `y`: arrays, a
    `tf.data.Dataset` of pairs, or anything that Keras takes.

    Raises:
        ValueError: If the student's shapes are not the teacher's, if the regime, the
            schedule or a name in `distillation_loss_weights` is unknown, or a weight is
            negative or not finite. By `build` and `fit`, if the generators do not keep
            the images' height and width, if they are too small for a network or a loss,
            if a batch has images of another shape than those the trainer was built for,
            or those of the first batch are not in [-1, 1].

    Example:

    ```python
    trainer = crd_keras.CRDTrainer(teacher, student)
    trainer.compile()
    trainer.fit(source_images, target_images, batch_size=1, epochs=200)
    trainer.student.save("student.keras")
    ```

    Reference:

    - [Exploring Content Relationships for Distilling Efficient GANs](
      https://arxiv.org/abs/2212.11091), arXiv:2212.11091
    """

    train_function: Any  # Keras makes it.

    def __init__(
        self,
        teacher: Teacher,
        student: keras.Model,
        distillation_losses: Mapping[str, keras.losses.Loss] | None = None,
        distillation_loss_weights: Mapping[str, float] | None = None,
        adversarial_weight: float = 1.0,
        discriminator_regime: str = "updating-freezing",
        discriminator_weights: str | None = None,
        schedule: str | Schedule = "joint",
        name: str = "crd_trainer",
    ):
        super().__init__(name=name)
        teacher.check_student(student)
        if discriminator_regime not in REGIMES:
            raise ValueError(
                f"`discriminator_regime` must be one of {REGIMES}. "
                f"Received: discriminator_regime={discriminator_regime!r}"
            )
        if distillation_losses is None:
            distillation_losses = {
                "relation": ContentRelationLoss(),
                "perceptual": PerceptualLoss(vgg16_features()),
            }
        if distillation_loss_weights is None:
            distillation_loss_weights = (
                {"relation": 25.0} if "relation" in distillation_losses else {}
            )
        self.teacher = teacher
        self.student = student
        self.discriminator_regime = discriminator_regime
        self.schedule = get_schedule(schedule)
        if discriminator_weights is not None:
            load_weights(teacher.discriminator, discriminator_weights)

        self.student_loss = StudentLoss(
            distillation_losses,
            distillation_loss_weights,
            None if discriminator_regime == "none" else teacher.adversarial_loss,
            adversarial_weight,
        )
        # The networks that the losses look through and the layers that learn in them
        # are attributes, so that Keras passes their variables through a compiled step
        # and saves them.
        self.loss_networks = self.student_loss.networks
        self.feature_losses = self.student_loss.feature_losses
        self.best_teacher = BestNetwork(teacher.generator, name="best_teacher")
        self.best_student = BestNetwork(student, name="best_student")
        self._teacher_generator, self._best_generator, self._student_generator = (
            TappedGenerator(generator, self.student_loss.layers)
            for generator in (teacher.generator, self.best_teacher.network, student)
        )
        for loss in self.feature_losses:
            loss.connect(teacher.generator, student)
        self._first_batch_is_checked = False
        self.loss_trackers = [LossTracker(name) for name in self._loss_names()]
        self.epoch_iterator = None
        self.set_epoch(0)

    def losses_trained(self) -> list[str]:
        """Names of the losses of this epoch's steps: those of what it trains."""
        names = []
        if self.phase.trains_student:
            names += self._student_loss_names()
        if self.phase.trains_teacher:
            names += self._teacher_loss_names()
        return names

    def _student_loss_names(self) -> list[str]:
        return ["loss", *self.student_loss.names]

    def _teacher_loss_names(self) -> list[str]:
        return [
            "teacher_loss",
            *(f"teacher_{name}" for name in self.teacher.generator_terms),
            *self.teacher.discriminator_terms,
        ]

    def _loss_names(self) -> list[str]:
        names = [*self._student_loss_names(), *self._teacher_loss_names()]
        repeated = {name for name in names if names.count(name) > 1}
        if repeated:
            raise ValueError(
                "`distillation_losses` must have terms of different names. "
                f"Received: {tuple(sorted(repeated))} more than once"
            )
        return names

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        return list(self.loss_trackers)

    def distilled_from(self) -> keras.Model:
        """The generator that the student imitates now.

        A method, since Keras saves models by the attributes that lead to them.
        """
        best = self.best_teacher
        return best.network if best.exists else self.teacher.generator

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        input_shape = tuple(input_shape)
        check_takes_images(self.student, input_shape, "student")
        output_shape = self.student.compute_output_shape(input_shape)
        if output_shape[1:] != input_shape[1:]:
            raise ValueError(
                "`x` must hold images whose height and width the student keeps, those "
                "of the ResNet generators divisible by 4. Received: images of shape "
                f"{input_shape[1:]}, translated to {output_shape[1:]}"
            )
        self.teacher.check_images(input_shape)
        self.student_loss.check_images(input_shape)
        if not self.teacher.built:
            self.teacher.build(input_shape)
        self.image_shape = input_shape[1:]

    def call(self, inputs: KerasTensor, training: bool = False) -> KerasTensor:
        return self.student(inputs, training=training)

    def compile(
        self,
        generator_optimizer: keras.optimizers.Optimizer | str | None = None,
        discriminator_optimizer: keras.optimizers.Optimizer | str | None = None,
        student_optimizer: keras.optimizers.Optimizer | str | None = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Configures the training.

        Args:
            generator_optimizer: Optimizer of the teacher's generators. Each optimizer
                is an instance or a name and defaults to the paper's,
                `Adam(2e-4, beta_1=0.5)`; three different instances are needed. For
                the paper's decay give them a `crd_keras.schedules.LinearDecay`.
            discriminator_optimizer: Optimizer of the discriminators.
            student_optimizer: Optimizer of the student.
            run_eagerly: Whether to run step by step, for debugging.
            steps_per_execution: How many batches a compiled call takes. Must be 1 on
                PyTorch.
            jit_compile: Whether to compile the step with XLA. `"auto"`: what is fastest
                on this backend and device (JAX: always; TensorFlow: on GPUs).
            auto_scale_loss: Whether to wrap each optimizer in a
                `keras.optimizers.LossScaleOptimizer` of its own if a layer of the
                networks computes in float16 (policy `"mixed_float16"`).

        Raises:
            ValueError: If one optimizer is given twice.
        """
        with self.building_scope():
            optimizers = [
                _adam() if optimizer is None else keras.optimizers.get(optimizer)
                for optimizer in (
                    generator_optimizer,
                    discriminator_optimizer,
                    student_optimizer,
                )
            ]
        if len({id(optimizer) for optimizer in optimizers}) < 3:
            raise ValueError(
                "`generator_optimizer`, `discriminator_optimizer` and "
                "`student_optimizer` must be three instances. "
                f"Received: {[optimizer.name for optimizer in optimizers]}, some of "
                "them the same object"
            )
        groups = [
            _trainable_variables(*self.teacher.generators),
            _trainable_variables(*self.teacher.discriminators),
            self._student_variables(),
        ]
        with self.building_scope():
            if auto_scale_loss:
                layers = list(self._flatten_layers())
                optimizers = [with_loss_scale(member, layers) for member in optimizers]
            group = OptimizerGroup(list(zip(optimizers, groups, strict=True)))
        self.generator_optimizer, self.discriminator_optimizer = optimizers[:2]
        self.student_optimizer = optimizers[2]
        if jit_compile == "auto":
            jit_compile = backend.default_jit_compile()
        super().compile(
            optimizer=group,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=jit_compile,
            auto_scale_loss=False,
        )
        self._train_functions: dict[Phase | None, Any] = {}
        self.forget_functions()

    def get_compile_config(self) -> dict[str, Any] | None:
        if not self.compiled:
            return None
        names = ("generator_optimizer", "discriminator_optimizer", "student_optimizer")
        return {
            name: keras.saving.serialize_keras_object(getattr(self, name))
            for name in names
        }

    def compile_from_config(self, config: dict[str, Any]) -> None:
        with self.building_scope():
            optimizers = {
                name: keras.saving.deserialize_keras_object(optimizer)
                for name, optimizer in config.items()
            }
        self.compile(**optimizers)

    def make_train_function(self, force: bool = False) -> None:
        """As `keras.Model.make_train_function`. Keras calls it."""
        if self.train_function is None or force:
            super().make_train_function(force)
            self.train_function = self.with_check(
                self.train_function, self._check_first_batch
            )

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        *args: Any,
        callbacks: list[keras.callbacks.Callback] | None = None,
        **kwargs: Any,
    ) -> keras.callbacks.History:
        """As `keras.Model.fit`, with the schedule following the epochs."""
        shape = _image_shape(x)
        self._check_images(x, y)
        if not self.built and shape is not None:
            # Callbacks that restore a checkpoint need the pools of past fakes.
            with self.building_scope():
                self.build(shape)
        if isinstance(callbacks, keras.callbacks.Callback):
            callbacks = [callbacks]
        if not isinstance(callbacks, keras.callbacks.CallbackList):
            callbacks = [_EpochCounter(), *(callbacks or ())]
        self._first_batch_is_checked = False
        try:
            with self.training_scope():
                return super().fit(x, y, *args, callbacks=callbacks, **kwargs)
        finally:
            self.epoch_iterator = None  # It holds the data.

    def skip_batches(self, count: int) -> None:
        """Has the running `fit` pass over the first batches of its first epoch.

        They are read and not trained on; the numbers of the steps begin with `count`.
        `crd_keras.callbacks.Checkpoint` calls it when a training begins.

        Args:
            count: How many batches.

        Raises:
            ValueError: Later, if the data have no more batches than that in an epoch.
        """
        skip_batches(self.epoch_iterator, count)

    def _check_images(self, x, y):
        """What can be told of images before the first step."""
        for name, images in (("x", x), ("y", y)):
            shape = _image_shape(images)
            if self.built and shape is not None:
                self._check_shape(name, shape[1:])
            if hasattr(images, "__array__"):
                first = keras.ops.convert_to_numpy(images[:_FIRST_IMAGES])
                if first.size:
                    check_image_range(first.min(), first.max(), name)

    def _check_shape(self, name, shape):
        if len(shape) != len(self.image_shape) or any(
            built not in (None, size)
            for built, size in zip(self.image_shape, shape, strict=True)
        ):
            raise ValueError(
                f"`{name}` must hold images of the shape that the trainer was built "
                f"for, {self.image_shape}; for others make a new trainer. "
                f"Received: {tuple(shape)}"
            )

    def _check_first_batch(self, logs):
        """Takes the images' range out of a step's logs, and looks at the first one.

        Which batch comes first, a generator or a pipeline tells by giving it, and only
        once.
        """
        ranges = [logs.pop(name) for name in _RANGES]
        if self._first_batch_is_checked:
            return
        least_x, greatest_x, least_y, greatest_y = map(float, ranges)
        check_image_range(least_x, greatest_x, "x")
        check_image_range(least_y, greatest_y, "y")
        self._first_batch_is_checked = True

    def _get_metrics_result_or_logs(self, logs):
        # Keras would take the last step's logs, since those of an epoch hold NaN for
        # what it does not train.
        return self.get_metrics_result() if logs else logs

    def set_epoch(self, epoch: int) -> None:
        """Prepares the steps of an epoch, counted from 0. `fit` calls it."""
        teacher, student = self.schedule.trains(epoch)
        phase = Phase(teacher, student, student and self.best_teacher.exists)
        old_phase = getattr(self, "phase", None)
        self.phase = phase
        if self.compiled and phase != old_phase:
            # A traced step does what its phase asks for, whatever has changed since.
            # It is kept for when its phase comes again.
            self._train_functions[old_phase] = self.train_function
            self.forget_functions()
            self.train_function = self._train_functions.get(phase)
            self.make_train_function()

    def update(self, data: Any) -> dict[str, KerasTensor]:
        """One training step. `train_step` runs it on every backend.

        Args:
            data: A pair of source and target images, `(batch, H, W, C)` in [-1, 1].

        Returns:
            The running means of the losses by name, without those of a network that
            the schedule does not train in this epoch; and the least and the greatest
            value of the batch's images.
        """
        source, target = _unpack(data)
        if not self.built:
            self.build(source.shape)
        self._check_shape("x", source.shape[1:])
        self._check_shape("y", target.shape[1:])
        losses, teacher = {}, None
        if self.phase.trains_teacher:
            losses, image = self._update_teacher(source, target)
            if not (self.phase.distils_best or self.student_loss.layers):
                teacher = GeneratorOutputs(ops.stop_gradient(image), features={})
        if self.phase.trains_student:
            if teacher is None:
                with backend.no_gradient():
                    teacher = self._teacher_outputs(source)
            losses |= self._update_student(source, target, teacher)
        ranges = [f(x) for x in (source, target) for f in (ops.min, ops.max)]
        ranges = [ops.cast(value, "float32") for value in ranges]
        return self._log(losses, dict(zip(_RANGES, ranges, strict=True)))

    def batch_losses(self, data: Any) -> dict[str, KerasTensor]:
        """The losses of one batch without an update. `test_step` runs it."""
        source, target = _unpack(data)
        # The losses are those of training, so batch normalisations see this batch, but
        # their moving statistics must not.
        with frozen(self):
            teacher_loss, terms, images = self.teacher.generator_loss(source, target)
            _, discriminator_terms = self.teacher.discriminator_loss(
                source, target, images
            )
            _, losses, _ = self._student_loss(source, self._teacher_outputs(source))
        losses |= _teacher_logs(teacher_loss, terms) | discriminator_terms
        return self._log(losses)

    def _update_teacher(self, source, target):
        """Losses by name, and the generator's image."""
        loss, terms, images = add_losses(
            minimize(
                self.teacher.generator_losses,
                (source, target),
                _trainable_variables(*self.teacher.generators),
                self.generator_optimizer,
            )
        )
        losses = _teacher_logs(loss, terms)

        images = {name: ops.stop_gradient(image) for name, image in images.items()}
        with backend.no_gradient():
            fakes = self.teacher.replay(images)
        losses |= self._update_discriminators(
            self.teacher.discriminator_loss,
            (source, target, fakes),
            self.teacher.discriminators,
        )
        return losses, images["translated"]

    def _update_student(self, source, target, teacher):
        ((_, losses, image),) = minimize(
            [self._student_loss],
            (source, teacher),
            self._student_variables(),
            self.student_optimizer,
        )
        if self.discriminator_regime == "updating":
            self._update_discriminators(
                self._discriminator_loss_of_student,
                (source, target, ops.stop_gradient(image)),
                [self.teacher.discriminator],
            )
        return losses

    def _discriminator_loss_of_student(self, source, target, image):
        real = self.teacher.discriminate(source, target)
        fake = self.teacher.discriminate(source, image)
        return self.teacher.adversarial_loss.discriminator_loss(real, fake), {}

    def _update_discriminators(self, loss_function, inputs, discriminators):
        ((_, terms),) = minimize(
            [loss_function],
            inputs,
            _trainable_variables(*discriminators),
            self.discriminator_optimizer,
        )
        return terms

    def _student_variables(self):
        return _trainable_variables(self.student, *self.feature_losses)

    def _teacher_outputs(self, source):
        """Images of the generator that the student imitates, and its features."""
        best = self.phase.distils_best
        generator = self._best_generator if best else self._teacher_generator
        return generator(source, training=False)

    def _student_loss(self, source, teacher):
        """The loss, its terms by name, and the student's image."""
        student = self._student_generator(source, training=True)
        loss, terms = self.student_loss(
            teacher, student, lambda images: self._discriminate_frozen(source, images)
        )
        return loss, terms | {"loss": loss}, student.images

    def _discriminate_frozen(self, source, images):
        # Frozen no longer than the call: of several devices TensorFlow may trace one
        # step as far as the next update of weights, then the other.
        with frozen(self.teacher.discriminator):
            return self.teacher.discriminate(source, images)

    def _log(self, losses, others=None):
        """The running means of losses, and others as they are."""
        others = others or {}
        means = backend.mean_of_replicas(losses | others)
        logs = {name: means[name] for name in others}
        for tracker in self.loss_trackers:
            if tracker.name in losses:
                tracker.update_state(ops.stop_gradient(means[tracker.name]))
                logs[tracker.name] = tracker.result()
        return logs

    def export(
        self,
        filepath: str | os.PathLike,
        format: str = "tf_saved_model",
        verbose: bool | None = None,
        input_signature: Any = None,
        **kwargs: Any,
    ) -> None:
        """Writes the student for another runtime: the best one, if one has been kept.

        Args:
            filepath: What to write.
            format: `"tf_saved_model"`, `"litert"` or `"onnx"`.
            verbose: Whether to show a progress bar. `None`: on a terminal, if it takes
                more than two seconds.
            input_signature: Shape and dtype of the images that the file takes, as
                `keras.Model.export` has it, such as `keras.InputSpec(shape=(1, 256,
                256, 3), dtype="uint8")`. It stands for `image_size`, `batch_size` and
                `pixels`.
            **kwargs: Other arguments of `crd_keras.export.export_model`, which does it,
                such as `image_size`, `pixels`, `quantization` and `opset_version`.

        Raises:
            ValueError: If `input_signature` describes no batch of the student's images,
                or is given together with what it stands for.
            See also `crd_keras.export.export_model`.
        """
        best = self.best_student
        student = best.network if best.exists else self.student
        if input_signature is not None:
            options = signature_options(student, input_signature)
            repeated = sorted(options.keys() & kwargs.keys())
            if repeated:
                raise ValueError(
                    "`input_signature` must not be given together with `image_size`, "
                    f"`batch_size` or `pixels`. Received: {repeated} as well"
                )
            kwargs |= options
        export_model(student, filepath, format, verbose=verbose, **kwargs)

    def get_config(self) -> dict[str, Any]:
        serialize = keras.saving.serialize_keras_object
        return {
            "teacher": serialize(self.teacher),
            "student": serialize(self.student),
            **self.student_loss.get_config(),
            "discriminator_regime": self.discriminator_regime,
            "schedule": serialize(self.schedule),
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "CRDTrainer":
        deserialize = keras.saving.deserialize_keras_object
        config = dict(config)
        if "distillation_weights" in config:
            # The argument's former name, which trainers that were saved then have.
            config["distillation_loss_weights"] = config.pop("distillation_weights")
        losses = config["distillation_losses"]
        return cls(
            **{
                **config,
                "teacher": deserialize(config["teacher"]),
                "student": deserialize(config["student"]),
                "distillation_losses": {
                    name: deserialize(loss) for name, loss in losses.items()
                },
                "schedule": deserialize(config["schedule"]),
            }
        )


class LossTracker(keras.metrics.Mean):
    """A running mean that is NaN, not 0, as long as there is nothing to average."""

    def result(self) -> KerasTensor:
        return ops.where(self.count > 0, super().result(), float("nan"))


class _EpochCounter(keras.callbacks.Callback):
    """Tells the trainer which epoch begins."""

    def on_epoch_begin(self, epoch, logs=None):
        # Processes that train side by side must not drift apart, nor disagree on
        # which teacher was the best.
        backend.synchronize([*self.model.variables, *self.model.optimizer.variables])
        self.model.set_epoch(epoch)

    def on_epoch_end(self, epoch, logs=None):
        # Before other callbacks read the logs.
        for name in ("generator", "discriminator", "student"):
            rate = getattr(self.model, f"{name}_optimizer").learning_rate
            logs[f"{name}_learning_rate"] = float(ops.convert_to_numpy(rate))


def _image_shape(x):
    """Shape of a batch of source images, if arrays or a `tf.data.Dataset` tell it."""
    element = getattr(x, "element_spec", x)
    first = element[0] if isinstance(element, (list, tuple)) else element
    shape = getattr(first, "shape", None)
    return None if shape is None else (None, *shape[1:])


def _unpack(data):
    source, target, _ = keras.utils.unpack_x_y_sample_weight(data)
    if target is None:
        raise ValueError(
            "`y` must hold images of the target domain, or the data pairs of source "
            "and target images. Received: y=None"
        )
    return source, target


def _adam():
    return keras.optimizers.Adam(2e-4, beta_1=0.5)


def _trainable_variables(*models):
    return [variable for model in models for variable in model.trainable_variables]


def _teacher_logs(loss, terms):
    return {"teacher_loss": loss} | {f"teacher_{n}": x for n, x in terms.items()}
