"""One step of a training: what is updated, in which order, and from what."""

import functools
from collections.abc import Mapping
from typing import NamedTuple

import keras
from keras import KerasTensor, ops

from crd_keras import backend
from crd_keras.gans.layer_losses import call_losses, weight_losses
from crd_keras.gans.teacher import Teacher, add_losses, real_fake_loss
from crd_keras.training.best_network import BestNetwork
from crd_keras.training.freezing import frozen
from crd_keras.training.optimizers import minimize, trainable_variables
from crd_keras.training.student import Student
from crd_keras.training.tapped_generator import GeneratorOutputs, TappedGenerator


class Phase(NamedTuple):
    """What a training step does. A compiled step is made for each."""

    trains_teacher: bool
    trains_students: bool
    distils_best: bool


class TrainingStep:
    """Updates the teacher, then its discriminators, then each student.

    It belongs to a `CRDTrainer`, which tells it the optimizers when it is compiled. It
    is no Keras object, so that nothing is saved twice.

    Args:
        teacher: The teacher.
        students: The students by name.
        best_teacher: What remembers the teacher's generator at its best, `None` for a
            teacher that is not trained.
        discriminator_regime: As in `CRDTrainer`.
    """

    generator_optimizer: keras.optimizers.Optimizer
    discriminator_optimizer: keras.optimizers.Optimizer

    def __init__(
        self,
        teacher: Teacher,
        students: Mapping[str, Student],
        best_teacher: BestNetwork | None,
        discriminator_regime: str,
    ):
        self.teacher = teacher
        self.students = list(students.values())
        self.discriminator_regime = discriminator_regime
        losses = [student.loss for student in self.students]
        # The outputs of all layers that a loss of a student compares.
        layers = tuple(dict.fromkeys(x for loss in losses for x in loss.layers))
        self._teacher_generator = TappedGenerator(teacher.generator, layers)
        if best_teacher is not None:
            self._best_generator = TappedGenerator(best_teacher.network, layers)
        # What the losses need of the teacher's images, each once.
        self._teacher_terms = tuple(
            dict.fromkeys(x for loss in losses for x in loss.teacher_terms)
        )

    def update(
        self,
        source: KerasTensor,
        target: KerasTensor,
        phase: Phase,
        taught: KerasTensor | None = None,
    ) -> dict[str, KerasTensor]:
        """Updates what the phase trains. Returns its losses by their logged names.

        Args:
            source: Images of the source domain, `(batch, height, width, channels)` in
                [-1, 1].
            target: Images of the target domain, as `source`.
            phase: What to train.
            taught: The teacher's translations of `source`, if it does not make them
                itself.
        """
        losses, teacher = {}, None
        imitates_image = phase.trains_teacher and not phase.distils_best
        if phase.trains_students and (
            self._teacher_generator.layers or not imitates_image
        ):
            # Before the update, as the image that it makes.
            with backend.no_gradient():
                teacher = self._teacher_outputs(source, phase, taught)
        if phase.trains_teacher:
            losses, image = self._update_teacher(source, target)
            if imitates_image:
                # What students see must not depend on whether one compares features.
                features = {} if teacher is None else teacher.features
                teacher = GeneratorOutputs(ops.stop_gradient(image), features)
        if phase.trains_students:
            with backend.no_gradient():
                values = self._compute_teacher_terms(teacher)
            losses |= self._update_students(source, target, teacher, values)
        return losses

    def losses(
        self,
        source: KerasTensor,
        target: KerasTensor,
        phase: Phase,
        taught: KerasTensor | None = None,
    ) -> dict[str, KerasTensor]:
        """All losses of a batch, as `update` has them, without an update."""
        losses = self._teacher_losses(source, target) if self.teacher.is_trained else {}
        teacher = self._teacher_outputs(source, phase, taught)
        values = self._compute_teacher_terms(teacher)
        for student in self.students:
            _, terms, _ = self._student_loss(student, source, teacher, values)
            losses |= terms
        return losses

    def _teacher_losses(self, source, target):
        loss, terms, images = add_losses(
            loss(source, target) for loss in self._generator_losses
        )
        _, discriminator_terms = self.teacher.discriminator_loss(source, target, images)
        return _teacher_logs(loss, terms) | discriminator_terms

    @property
    def _generator_losses(self):
        first, *others = self.teacher.generator_losses
        return [_with_weight_losses(first, self.teacher.generators), *others]

    def _update_teacher(self, source, target):
        """Losses by name, and the generator's image."""
        loss, terms, images = add_losses(
            minimize(
                self._generator_losses,
                (source, target),
                trainable_variables(*self.teacher.generators),
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

    def _update_students(self, source, target, teacher, teacher_terms):
        """Losses by name."""
        losses: dict[str, KerasTensor] = {}
        inputs = (source, teacher, teacher_terms)
        for student in self.students:
            ((_, terms, image),) = minimize(
                [functools.partial(self._student_loss, student)],
                inputs,
                student.learning,
                student.optimizer,
            )
            losses |= terms
            # TensorFlow would run all students side by side, in the memory of all: each
            # begins when the losses of the former are there.
            inputs = backend.with_dependencies([*terms.values()], inputs)
        if self.discriminator_regime == "updating":
            self._update_discriminators(
                self._discriminator_loss_of_student,
                (source, target, ops.stop_gradient(image)),
                [self.teacher.discriminator],
            )
        return losses

    def _discriminator_loss_of_student(self, source, target, image):
        loss = real_fake_loss(
            self.teacher.adversarial_loss,
            self.teacher.discriminator,
            functools.partial(self.teacher.discriminate, source),
            target,
            image,
        )
        return loss, {}

    def _update_discriminators(self, loss_function, inputs, discriminators):
        ((_, terms),) = minimize(
            [_with_weight_losses(loss_function, discriminators)],
            inputs,
            trainable_variables(*discriminators),
            self.discriminator_optimizer,
        )
        return terms

    def _teacher_outputs(self, source, phase, taught):
        """Images of the generator that the students imitate, and its features."""
        if taught is not None:
            return GeneratorOutputs(ops.cast(taught, "float32"), {})
        best = phase.distils_best
        generator = self._best_generator if best else self._teacher_generator
        return generator(source, training=False)

    def _compute_teacher_terms(self, teacher):
        return [term.compute(teacher.images) for term in self._teacher_terms]

    def _student_loss(self, student, source, teacher, teacher_terms):
        """The loss, its terms by their logged names, and the student's image."""
        outputs = student.generator(source, training=True)
        loss, terms = student.loss(
            teacher,
            outputs,
            dict(zip(self._teacher_terms, teacher_terms, strict=True)),
            lambda images: self._discriminate_frozen(
                source, images, student.discriminator
            ),
        )
        loss += call_losses(student.generator.generator)
        loss += weight_losses(student.network)
        terms = {"loss": loss, **terms}
        return (
            loss,
            {f"{student.prefix}{name}": value for name, value in terms.items()},
            outputs.images,
        )

    def _discriminate_frozen(self, source, images, discriminator):
        if discriminator is None:
            discriminator = self.teacher.discriminator
        # Frozen no longer than the call: of several devices TensorFlow may trace one
        # step as far as the next update of weights, then the other.
        with frozen(discriminator):
            return self.teacher.discriminate(source, images, discriminator)


def _with_weight_losses(loss_function, networks):
    """The function, with the networks' regularisers in the loss that it returns."""

    def with_weight_losses(*inputs):
        loss, *others = loss_function(*inputs)
        return loss + weight_losses(*networks), *others

    return with_weight_losses


def _teacher_logs(loss, terms):
    return {"teacher_loss": loss} | {f"teacher_{n}": x for n, x in terms.items()}
