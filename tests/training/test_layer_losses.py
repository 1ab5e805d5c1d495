"""Losses that layers add are part of what each network minimises."""

import keras
import numpy as np
import pytest

from crd_keras import CRDTrainer, gans, losses
from tests import tiny

SOURCE, TARGET = tiny.images(2, seed=0), tiny.images(2, seed=1)
WEIGHT = 0.03
RATE = 1e-3


@keras.saving.register_keras_serializable(package="tests")
class AddsMeanSquare(keras.layers.Layer):
    """Adds the mean square of what passes to the losses."""

    def call(self, inputs):
        self.add_loss(keras.ops.mean(keras.ops.square(inputs)))
        return inputs


def regularized(network):
    """The network, the weights of whose convolutions are regularised."""
    for layer in network._flatten_layers():
        if isinstance(layer, keras.layers.Conv2D | keras.layers.Conv2DTranspose):
            layer.kernel.regularizer = keras.regularizers.L2(WEIGHT)
    return network


def kernels(*networks):
    return [
        keras.ops.convert_to_numpy(weight)
        for network in networks
        for weight in network.trainable_weights
        if weight.regularizer is not None
    ]


def penalty(*networks):
    """What the regularisers come to, in float64."""
    return WEIGHT * sum(
        np.sum(np.float64(kernel) ** 2) for kernel in kernels(*networks)
    )


def with_square(network):
    inputs = keras.Input((None, None, 3))
    return keras.Model(inputs, AddsMeanSquare()(network(inputs)))


def make_trainer(change=lambda name, network: network):
    trainer = CRDTrainer(
        gans.CycleGAN(
            change("generator", tiny.generator(8, seed=1)),
            tiny.generator(8, seed=2),
            change("discriminator", tiny.discriminator(3)),
            tiny.discriminator(4),
            pool_size=0,
            seed=0,
        ),
        change("student", tiny.generator(4, seed=5)),
        distillation_losses={"pixel_l1": losses.PixelLoss("l1")},
    )
    trainer.compile(*(keras.optimizers.SGD(RATE) for _ in range(3)))
    return trainer


def of(name, change):
    """Applies a change to the network of that name alone."""
    return lambda other, network: change(network) if other == name else network


def logs(trainer, step):
    values = getattr(trainer, step)(SOURCE, TARGET, return_dict=True)
    return {name: float(value) for name, value in values.items()}


@pytest.mark.parametrize("step", ["train_on_batch", "test_on_batch"])
@pytest.mark.parametrize(
    ("name", "loss"), [("student", "loss"), ("generator", "teacher_loss")]
)
def test_regularizers_are_a_part_of_the_loss(name, loss, step):
    plain = logs(make_trainer(), step)
    trainer = make_trainer(of(name, regularized))
    network = {"student": trainer.student, "generator": trainer.teacher.generator}[name]
    expected = penalty(network)
    assert expected > 0.01
    regular = logs(trainer, step)
    assert regular[loss] - plain[loss] == pytest.approx(expected, rel=2e-4)
    assert regular["pixel_l1"] == pytest.approx(plain["pixel_l1"], rel=1e-5)


@pytest.mark.parametrize("name", ["student", "generator", "discriminator"])
def test_regularizers_change_the_weights(name):
    def network(trainer):
        if name == "student":
            return trainer.student
        return getattr(trainer.teacher, name)

    plain, regular = make_trainer(), make_trainer(of(name, regularized))
    before = kernels(network(regular))
    for trainer in (plain, regular):
        trainer.train_on_batch(SOURCE, TARGET)
    of_plain = [
        keras.ops.convert_to_numpy(weight)
        for weight in network(plain).trainable_weights
        if weight.name == "kernel"
    ]
    after = kernels(network(regular))
    assert len(after) == len(of_plain) > 1
    for start, a, b in zip(before, of_plain, after, strict=True):
        np.testing.assert_allclose(b, a - RATE * 2 * WEIGHT * start, atol=2e-6)


@pytest.mark.parametrize("step", ["train_on_batch", "test_on_batch"])
def test_losses_that_a_call_adds(step):
    plain = logs(make_trainer(), step)
    student = make_trainer(of("student", with_square))
    images = keras.ops.convert_to_numpy(student.student(SOURCE))
    added = logs(student, step)
    expected = np.mean(np.float64(images) ** 2)
    assert added["loss"] - plain["loss"] == pytest.approx(expected, rel=1e-3)

    discriminator = make_trainer(of("discriminator", with_square))
    teacher = discriminator.teacher
    fakes = teacher.generator(SOURCE)
    outputs = [
        np.float64(keras.ops.convert_to_numpy(teacher.discriminator(images)))
        for images in (TARGET, fakes)
    ]
    # The real images' call and the fake ones'. The step trains the generator first.
    expected = sum(np.mean(x**2) for x in outputs)
    added = logs(discriminator, "test_on_batch")
    plain = logs(make_trainer(), "test_on_batch")
    difference = added["discriminator"] - plain["discriminator"]
    assert difference == pytest.approx(expected, rel=1e-3)
