"""Training a teacher and, from its images, students."""

import os
from collections.abc import Mapping
from typing import Any

import keras
from keras import KerasTensor, ops

from crd_keras import backend
from crd_keras.export import export_model
from crd_keras.export.input_signature import signature_options
from crd_keras.gans.teacher import Teacher
from crd_keras.interop import load_weights
from crd_keras.losses.content_relation import ContentRelationLoss
from crd_keras.losses.perceptual import PerceptualLoss
from crd_keras.models import vgg16_features
from crd_keras.schedules import Schedule
from crd_keras.training import image_checks
from crd_keras.training.best_network import BestNetwork
from crd_keras.training.epoch_counter import EpochCounter
from crd_keras.training.freezing import fixed_statistics
from crd_keras.training.loss_tracker import LossTracker
from crd_keras.training.optimizer_group import OptimizerGroup, make_optimizers
from crd_keras.training.optimizers import trainable_variables, with_loss_scale
from crd_keras.training.regimes import (
    check_has_discriminator,
    choose_regime,
    choose_schedule,
)
from crd_keras.training.skip_batches import skip_batches
from crd_keras.training.student import Distillation, Losses, deserialize_losses
from crd_keras.training.students import Students, connect_students, needs_losses
from crd_keras.training.training_step import Phase, TrainingStep
from crd_keras.utils.shapes import translated_shape


@keras.saving.register_keras_serializable(package="crd_keras")
class CRDTrainer(backend.StepMixin, keras.Model):
    """Trains a teacher GAN and distils student generators from it.

    This is the method of "Exploring Content Relationships for Distilling Efficient
    GANs" (arXiv:2212.11091), to which "the paper" and "Table 6" refer below.

    Each step updates the teacher's generators, then its discriminators, then the
    student. The student minimises

        sum of weight * distillation loss(teacher's image, student's image)
        + adversarial_weight * adversarial(discriminator(student's image))

    A teacher that is not trained, as `crd_keras.gans.FixedTeacher`, stays as it is in
    each step.

    Of the teacher it is given the images, and the outputs of some layers if a
    `FeatureLoss` is among the distillation losses. They come from the best teacher so
    far, if one has been kept (`crd_keras.callbacks.BestTeacher` does so). Otherwise
    they come from the teacher as it was just before its own update in the same step.

    Nothing that a student does reaches the teacher, as the discriminator is frozen for
    it. So one training has room for any number of students, of other sizes or with
    other losses. Each ends as if it had been trained alone; what they need of the
    teacher is computed once.

    Args:
        teacher: A `crd_keras.gans.Teacher`, such as `CycleGAN`, which is trained, or
            `FixedTeacher` or `StoredTeacher`, which are not.
        students: Keras model with the input and output shape of the teacher's
            generator. Or a dict of names to such models or `crd_keras.Student`s, which
            may have losses of their own. Their losses are logged as `name/loss`.
        distillation_losses: Dict of names to losses between the teacher's and the
            student's images, `ImageLoss` or any `keras.losses.Loss`, or between
            outputs of their generators' layers, `FeatureLoss`. Defaults to the
            paper's, `{"relation": ContentRelationLoss(), "perceptual":
            PerceptualLoss(vgg16_features())}`, for which Keras downloads the ImageNet
            weights of VGG-16. An empty dict distils nothing.
        distillation_loss_weights: Dict of names to weights of these losses. A loss
            that is not named has weight 1. Defaults to the paper's for CycleGAN,
            `{"relation": 25.0}`, if there is a loss of that name.
        adversarial_weight: Weight of the student's adversarial loss. 0: it has none.
        discriminator_regime: What the discriminator does for the student (Table 6).
            `"updating-freezing"`: it is updated with the teacher and frozen for the
            student. `"updating"`: it is updated with both, for the student as well on
            the student's images; there can be one student only. `"none"`: the student
            has no adversarial loss. (`Student` can have a discriminator of its own,
            trained before and frozen.) Defaults to `"updating"` for a discriminator of
            a teacher that is not trained, otherwise to `"updating-freezing"`.
        discriminator_weights: Path of a `.keras` or `.weights.h5` file of the
            discriminator of the target domain, from which training then starts
            (the pretrained rows of Table 6).
        schedule: `"joint"`: teacher and student are updated in each step. `"phased"`:
            10 epochs of the teacher, then 40 of the student, and so on.
            `"student_only"`: the teacher stays as it is. Or a
            `crd_keras.schedules.Schedule`, such as `Phased(5, 20)`. Defaults to
            `"student_only"` for a teacher that is not trained, otherwise to `"joint"`.
        name: Name of the model.

    Attributes:
        students: Dict of names to `Student`s. A single one is called `"student"`.
        student: The network of a single student; `best_student` is its best copy and
            `student_optimizer` its optimizer.

    Call with source images, `(batch, height, width, channels)` in [-1, 1]. The student
    translates them; several students return a dict.

    `fit` and `evaluate` take source images as `x` and target images as `y`: arrays of
    one length, a `tf.data.Dataset` of pairs, or anything that Keras takes. Arrays of
    different lengths are brought together by `crd_keras.data.unpaired_arrays`. With a
    `StoredTeacher`, `y` is the teacher's images, or these and the target images.

    Raises:
        ValueError: If a student's shapes are not the teacher's, if a student's name is
            no plain name, if the regime, the schedule or a name in
            `distillation_loss_weights` is unknown, if the teacher cannot be trained so,
            or a weight is negative or not finite. By `build` and `fit`, if the
            generators do not keep the images' height and width, if they are too small
            for a network or a loss, if a batch has images of another shape than those
            the trainer was built for, or those of the first batch are not in [-1, 1].

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
        students: Students,
        distillation_losses: Losses | None = None,
        distillation_loss_weights: Mapping[str, float] | None = None,
        adversarial_weight: float = 1.0,
        discriminator_regime: str | None = None,
        discriminator_weights: str | None = None,
        schedule: str | Schedule | None = None,
        name: str = "crd_trainer",
    ):
        super().__init__(name=name)
        discriminator_regime = choose_regime(discriminator_regime, teacher)
        if distillation_losses is None and needs_losses(students):
            distillation_losses = {
                "relation": ContentRelationLoss(),
                "perceptual": PerceptualLoss(vgg16_features()),
            }
        self.distillation = Distillation(
            distillation_losses, distillation_loss_weights, adversarial_weight
        )
        self.students = connect_students(
            students, teacher, self.distillation, discriminator_regime
        )
        self.teacher = teacher
        self.discriminator_regime = discriminator_regime
        self.schedule = choose_schedule(schedule, teacher)
        if discriminator_weights is not None:
            check_has_discriminator(
                teacher, "discriminator_weights", discriminator_weights
            )
            load_weights(teacher.discriminator, discriminator_weights)
        # A teacher that stays as it is needs no copy, nor may it be possible.
        self.best_teacher = (
            BestNetwork(teacher.generator, name="best_teacher")
            if teacher.is_trained
            else None
        )
        self._step = TrainingStep(
            teacher, self.students, self.best_teacher, discriminator_regime
        )
        self._first_batch_check = image_checks.FirstBatchCheck()
        self.loss_trackers = [LossTracker(name) for name in self._loss_names()]
        self.epoch_iterator = None
        self.set_epoch(0)

    # Of a single student. Keras saves models by the attributes that lead to them: with
    # these the files of a single student are as they were when there was no other.

    @property
    def layers(self) -> list[keras.layers.Layer]:
        layers = super().layers
        if len(self.students) > 1:
            return layers
        student = self._single_student()
        parts = (student.network, *student.loss_networks, *student.feature_losses)
        parts = (*parts, self.best_teacher, student.best)
        return [self.teacher, *(part for part in parts if part is not None)]

    @property
    def student(self) -> keras.Model:
        return self._single_student().network

    @property
    def best_student(self) -> BestNetwork:
        return self._single_student().best

    @property
    def student_optimizer(self) -> keras.optimizers.Optimizer:
        return self._single_student().optimizer

    @property
    def loss_networks(self) -> list[keras.Model]:
        return self._single_student().loss_networks

    @property
    def feature_losses(self) -> list[Any]:
        return self._single_student().feature_losses

    def _single_student(self):
        if len(self.students) > 1:
            raise AttributeError(
                f"This trainer has {len(self.students)} students: `trainer.students` "
                f"has them by name, {', '.join(self.students)}."
            )
        return next(iter(self.students.values()))

    def losses_trained(self) -> list[str]:
        """Names of the losses of this epoch's steps: those of what it trains."""
        names = []
        if self.phase.trains_students:
            names += self._student_loss_names()
        if self.phase.trains_teacher:
            names += self.teacher.loss_names()
        return names

    def _student_loss_names(self) -> list[str]:
        return [x for student in self.students.values() for x in student.loss_names()]

    def _loss_names(self) -> list[str]:
        names = [*self._student_loss_names(), *self.teacher.loss_names()]
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

    def distilled_from(self) -> keras.Model | None:
        """The generator that the students imitate now, if it is not stored images.

        A method, since Keras saves models by the attributes that lead to them.
        """
        if self.best_teacher is not None and self.best_teacher.exists:
            return self.best_teacher.network
        return self.teacher.generator

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        input_shape = tuple(input_shape)
        for student in self.students.values():
            student.check_images(input_shape)
        self.teacher.check_images(input_shape)
        if not self.teacher.built:
            self.teacher.build(input_shape)
        self.image_shape = input_shape[1:]
        generator = self.teacher.generator
        if generator is None:  # Of a teacher of stored images.
            generator = next(iter(self.students.values())).network
        self.target_shape = translated_shape(generator, input_shape)[1:]

    def call(
        self, inputs: KerasTensor, training: bool = False
    ) -> KerasTensor | dict[str, KerasTensor]:
        images = {
            name: student.network(inputs, training=training)
            for name, student in self.students.items()
        }
        return images if len(images) > 1 else next(iter(images.values()))

    def compile(
        self,
        generator_optimizer: keras.optimizers.Optimizer | str | None = None,
        discriminator_optimizer: keras.optimizers.Optimizer | str | None = None,
        student_optimizer: keras.optimizers.Optimizer
        | str
        | Mapping[str, Any]
        | None = None,
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
                the paper's decay see `crd_keras.schedules.learning_rates`.
            discriminator_optimizer: Optimizer of the discriminators.
            student_optimizer: Optimizer of the student. Each of several students gets
                a copy of it. Or a dict of the students' names to their optimizers.
            run_eagerly: Whether to run step by step, for debugging.
            steps_per_execution: How many batches a compiled call takes. Must be 1 on
                PyTorch.
            jit_compile: Whether to compile the step with XLA. `"auto"`: what is fastest
                on this backend and device (JAX: always; TensorFlow: on GPUs).
            auto_scale_loss: Whether to wrap each optimizer in a
                `keras.optimizers.LossScaleOptimizer` of its own if a layer of the
                networks computes in float16 (policy `"mixed_float16"`).

        Raises:
            ValueError: If one optimizer is given twice, or the names in a dict are not
                the students'.
        """
        with self.building_scope():
            optimizers = make_optimizers(
                generator_optimizer,
                discriminator_optimizer,
                student_optimizer,
                tuple(self.students),
            )
        variables = {
            "generator": trainable_variables(*self.teacher.generators),
            "discriminator": trainable_variables(*self.teacher.discriminators),
            **{f"students/{k}": x.learning for k, x in self.students.items()},
        }
        with self.building_scope():
            if auto_scale_loss:
                layers = list(self._flatten_layers())
                optimizers = {
                    name: with_loss_scale(member, layers)
                    for name, member in optimizers.items()
                }
            group = OptimizerGroup([(optimizers[k], x) for k, x in variables.items()])
        self.generator_optimizer = optimizers["generator"]
        self.discriminator_optimizer = optimizers["discriminator"]
        self._step.generator_optimizer = self.generator_optimizer
        self._step.discriminator_optimizer = self.discriminator_optimizer
        for name, student in self.students.items():
            student.optimizer = optimizers[f"students/{name}"]
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
        serialize = keras.saving.serialize_keras_object
        students = {k: serialize(x.optimizer) for k, x in self.students.items()}
        return {
            "generator_optimizer": serialize(self.generator_optimizer),
            "discriminator_optimizer": serialize(self.discriminator_optimizer),
            "student_optimizers": students,
        }

    def compile_from_config(self, config: dict[str, Any]) -> None:
        deserialize = keras.saving.deserialize_keras_object
        students = config.get("student_optimizers")
        if students is None:
            # Of trainers that were saved when there was one student only.
            students = {name: config["student_optimizer"] for name in self.students}
        with self.building_scope():
            self.compile(
                deserialize(config["generator_optimizer"]),
                deserialize(config["discriminator_optimizer"]),
                {name: deserialize(optimizer) for name, optimizer in students.items()},
            )

    def make_train_function(self, force: bool = False) -> None:
        """As `keras.Model.make_train_function`. Keras calls it."""
        if self.train_function is None or force:
            super().make_train_function(force)
            self.train_function = self.with_check(
                self.train_function, self._first_batch_check
            )

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        *args: Any,
        callbacks: list[keras.callbacks.Callback] | None = None,
        **kwargs: Any,
    ) -> keras.callbacks.History:
        """As `keras.Model.fit`, with the schedule following the epochs.

        A `keras.utils.PyDataset` gives its batches in its own order, unless `shuffle`
        is `True`.
        """
        images = image_checks.look_at(x, y)
        shape = image_checks.batch_shape(images[0])
        built = self._built_shapes() if self.built else None
        image_checks.check_before_training(*images, built)
        if isinstance(x, keras.utils.PyDataset):
            kwargs.setdefault("shuffle", False)
        if not self.built and shape is not None:
            # Callbacks that restore a checkpoint need the pools of past fakes.
            with self.building_scope():
                self.build(shape)
        if isinstance(callbacks, keras.callbacks.Callback):
            callbacks = [callbacks]
        if not isinstance(callbacks, keras.callbacks.CallbackList):
            callbacks = [EpochCounter(), *(callbacks or ())]
        self._first_batch_check.is_due = True
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

    def _built_shapes(self):
        """Of source and target images that the trainer was built for."""
        return self.image_shape, self.target_shape

    def _get_metrics_result_or_logs(self, logs):
        # Keras would take the last step's logs, since those of an epoch hold NaN for
        # what it does not train.
        return self.get_metrics_result() if logs else logs

    def set_epoch(self, epoch: int) -> None:
        """Prepares the steps of an epoch, counted from 0. `fit` calls it."""
        teacher, students = self.schedule.trains(epoch)
        best = self.best_teacher
        has_best = best is not None and best.exists
        phase = Phase(teacher, students, students and has_best)
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
            data: A pair of source and target images, `(batch, H, W, C)` in [-1, 1],
                or of what else `fit` takes as `y`.

        Returns:
            The running means of the losses by name, without those of a network that
            the schedule does not train in this epoch; and the least and the greatest
            value of the batch's images.
        """
        source, target = image_checks.unpack(data)
        if not self.built:
            self.build(source.shape)
        for name, images in image_checks.by_name(source, target).items():
            image_checks.check_shape(name, images.shape[1:], self._built_shapes())
        taught, real = self.teacher.split_target(target)
        losses = self._step.update(source, real, self.phase, taught)
        return self._log(losses, image_checks.image_ranges(source, target))

    def batch_losses(self, data: Any) -> dict[str, KerasTensor]:
        """The losses of one batch without an update. `test_step` runs it."""
        source, target = image_checks.unpack(data)
        taught, real = self.teacher.split_target(target)
        # The losses are those of training, so batch normalisations see this batch, but
        # their moving statistics must not.
        with fixed_statistics(self):
            losses = self._step.losses(source, real, self.phase, taught)
        return self._log(losses)

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
            **kwargs: `student`, the name of one of several students, and other
                arguments of `crd_keras.export.export_model`, which does it, such as
                `image_size`, `pixels`, `quantization` and `opset_version`.

        Raises:
            ValueError: If `input_signature` describes no batch of the student's images,
                or is given together with what it stands for. If there are several
                students and `student` names none of them.
            See also `crd_keras.export.export_model`.
        """
        student = kwargs.pop("student", None)
        if student is None and len(self.students) == 1:
            (student,) = self.students
        if student not in self.students:
            raise ValueError(
                f"`student` must name one of the students, {tuple(self.students)}. "
                f"Received: student={student!r}"
            )
        network = self.students[student].best_network
        if input_signature is not None:
            options = signature_options(network, input_signature)
            repeated = sorted(options.keys() & kwargs.keys())
            if repeated:
                raise ValueError(
                    "`input_signature` must not be given together with `image_size`, "
                    f"`batch_size` or `pixels`. Received: {repeated} as well"
                )
            kwargs |= options
        export_model(network, filepath, format, verbose=verbose, **kwargs)

    def get_config(self) -> dict[str, Any]:
        serialize = keras.saving.serialize_keras_object
        students = {name: serialize(x) for name, x in self.students.items()}
        is_single = next(iter(self.students.values())).prefix == ""
        return {
            "teacher": serialize(self.teacher),
            "students": students["student"] if is_single else students,
            **self.distillation.get_config(),
            "discriminator_regime": self.discriminator_regime,
            "schedule": serialize(self.schedule),
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "CRDTrainer":
        deserialize = keras.saving.deserialize_keras_object
        config = dict(config)
        # Former names of arguments, which trainers that were saved then have.
        for former, name in (
            ("distillation_weights", "distillation_loss_weights"),
            ("student", "students"),
        ):
            if former in config:
                config[name] = config.pop(former)
        students = config["students"]
        return cls(
            **{
                **config,
                "teacher": deserialize(config["teacher"]),
                "students": deserialize(students)
                if "class_name" in students
                else {name: deserialize(student) for name, student in students.items()},
                "distillation_losses": deserialize_losses(
                    config["distillation_losses"]
                ),
                "schedule": deserialize(config["schedule"]),
            }
        )
