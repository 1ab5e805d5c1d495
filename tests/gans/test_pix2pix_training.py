"""Pix2Pix in the trainer: its numbers with batch norms, and what stands still."""

import keras
import numpy as np
import pytest

from crd_keras import CRDTrainer, gans, losses, models
from crd_keras.schedules import Phased
from tests import tiny

SOURCE, TARGET = tiny.images(6, seed=0), tiny.images(6, seed=1)

# Losses of the first three steps with batch 2, as measured on PyTorch. JAX and
# TensorFlow differ from them by less than 7e-6, relatively.
THREE_STEPS = {
    "adversarial": (0.016232289, 0.10327754, -0.0065120347),
    "column_angle": (0.031912167, 0.024095938, 0.031679571),
    "column_distance": (0.043674089, 0.026859188, 0.037123784),
    "discriminator": (1.0257889, 1.0166856, 1.0310146),
    "loss": (0.60939461, 0.58741027, 0.68175435),
    "patch_angle": (0.0096230647, 0.005966668, 0.012079574),
    "patch_distance": (0.011662632, 0.0087631084, 0.018548356),
    "row_angle": (0.030420065, 0.031177627, 0.035806086),
    "row_distance": (0.038017608, 0.035550322, 0.060503956),
    "teacher_adversarial": (0.0031904662, 0.094536953, -0.015981276),
    "teacher_l1": (0.502662, 0.5034585, 0.50389731),
    "teacher_loss": (50.26939, 50.440384, 50.373753),
}

# The batch norms' statistics after these steps, see `statistics`.
STATISTICS = {
    "generator": [
        [0.00074365048, -0.0015678538, 0.72901243, 0.7290163],
        [-0.00081206567, -0.0002471128, 0.72901982, 0.72901171],
        [-0.0080108987, -0.003543016, 0.73106259, 0.73213708],
    ],
    "discriminator": [
        [0.0011322622, 0.001539303, 0.38746196, 0.38745525],
        [0.0032464871, 0.032760695, 0.39511627, 0.39612481],
    ],
    "student": [
        [-0.00052769907, -0.00017881519, 0.72900748, 0.72900486],
        [-0.00015054006, 0.00011488855, 0.72900319, 0.7290045],
        [0.0069802944, -0.0004077442, 0.72996652, 0.7299518],
    ],
}


def trainer(distillation_losses, **arguments):
    result = CRDTrainer(
        gans.Pix2Pix(
            models.unet_generator(filters=4, downs=3, seed=1),
            models.patch_discriminator(
                (None, None, 6), filters=4, layers=2, norm="batch", seed=2
            ),
        ),
        models.unet_generator(filters=2, downs=3, seed=3),
        distillation_losses,
        **arguments,
    )
    result.compile()
    return result


def step(model, number, epoch=0):
    """The losses of one step with batch 2."""
    batch = slice(2 * number, 2 * number + 2)
    history = model.fit(
        SOURCE[batch],
        TARGET[batch],
        batch_size=2,
        initial_epoch=epoch,
        epochs=epoch + 1,
        verbose=0,
    ).history
    losses = {name: value for name, (value,) in history.items()}
    rates = {name for name in losses if name.endswith("learning_rate")}
    return {name: value for name, value in losses.items() if name not in rates}


def values(variables):
    return [np.array(keras.ops.convert_to_numpy(v.value)) for v in variables]


def statistics(network):
    """Moving mean and variance of the first two channels of each batch norm."""
    norms = [x for x in network.layers if hasattr(x, "moving_mean")]
    return [
        np.ravel([v[:2] for v in values([norm.moving_mean, norm.moving_variance])])
        for norm in norms
    ]


def test_three_steps_agree_between_backends():
    relation = losses.ContentRelationLoss(patch_size=8)
    model = trainer({"relation": relation}, distillation_loss_weights={"relation": 2.5})
    steps = [step(model, number) for number in range(3)]
    assert set(steps[0]) == set(THREE_STEPS)
    for name, expected in THREE_STEPS.items():
        received = [logs[name] for logs in steps]
        np.testing.assert_allclose(received, expected, rtol=1e-4, err_msg=name)
    networks = {
        "generator": model.teacher.generator,
        "discriminator": model.teacher.discriminator,
        "student": model.student,
    }
    for name, network in networks.items():
        received = statistics(network)
        np.testing.assert_allclose(
            received, STATISTICS[name], rtol=1e-4, atol=1e-7, err_msg=name
        )


def test_the_students_step_leaves_the_discriminator_alone():
    # Phases of one epoch: the second epoch is the student's alone.
    model = trainer({}, schedule=Phased(1, 1))
    step(model, 0)
    discriminator = model.teacher.discriminator
    image = model.student(SOURCE[2:4], training=True)
    pair = keras.ops.concatenate([SOURCE[2:4], image], axis=-1)
    frozen = [
        *discriminator.variables,
        *model.discriminator_optimizer.variables,
        *model.teacher.generator.variables,
        *model.generator_optimizer.variables,
    ]
    before, student = values(frozen), values(model.student.variables)
    adversarial = step(model, 1, epoch=1)["adversarial"]
    for a, b in zip(before, values(frozen), strict=True):
        assert a.tobytes() == b.tobytes()
    for a, b in zip(student, values(model.student.variables), strict=True):
        assert np.any(a != b)

    # It was given the student's image with its source, and used the batch's statistics.
    output = keras.ops.convert_to_numpy(discriminator(pair, training=True))
    assert adversarial == pytest.approx(-output.mean(), rel=1e-4)

    # In the teacher's next epoch its statistics move again.
    moving = discriminator.non_trainable_variables
    before = values(moving)
    step(model, 2, epoch=2)
    assert len(moving) == 4
    for a, b in zip(before, values(moving), strict=True):
        assert np.any(a != b)
