import keras
import numpy as np
import pytest

from crd_keras.losses import HingeLoss, LeastSquaresLoss, VanillaLoss
from crd_keras.losses.adversarial import get_adversarial_loss
from tests.gradients import value_and_gradient

LOSSES = {
    "least_squares": LeastSquaresLoss,
    "hinge": HingeLoss,
    "vanilla": VanillaLoss,
}


def outputs(seed):
    shape = (2, 5, 4, 1)
    return np.random.default_rng(seed).normal(0, 2, shape).astype("float32")


def cross_entropy(logits, label):
    probability = 1 / (1 + np.exp(-np.float64(logits)))
    return -np.log(probability if label else 1 - probability).mean()


def expected(name, real, fake):
    """Discriminator's and generator's loss."""
    if name == "least_squares":
        return (
            (np.mean((real - 1) ** 2) + np.mean(fake**2)) / 2,
            np.mean((fake - 1) ** 2),
        )
    if name == "hinge":
        real_part = np.maximum(0, 1 - real).mean()
        return (real_part + np.maximum(0, 1 + fake).mean()) / 2, -fake.mean()
    return (
        (cross_entropy(real, 1) + cross_entropy(fake, 0)) / 2,
        cross_entropy(fake, 1),
    )


@pytest.mark.parametrize("name", LOSSES)
def test_against_the_formulas(name):
    loss, real, fake = LOSSES[name](), outputs(0), outputs(1)
    discriminator, generator = expected(name, real, fake)
    result = loss.discriminator_loss(*map(keras.ops.convert_to_tensor, (real, fake)))
    assert float(result) == pytest.approx(discriminator, rel=1e-5)
    result = loss.generator_loss(keras.ops.convert_to_tensor(fake))
    assert float(result) == pytest.approx(generator, rel=1e-5)


def test_vanilla_stays_finite_with_large_logits():
    loss, logits = VanillaLoss(), np.array([[-1e4], [1e4]], "float32")
    value, gradient = value_and_gradient(loss.generator_loss, logits)
    assert value == pytest.approx(5e3)
    np.testing.assert_allclose(gradient, [[-0.5], [0]], atol=1e-7)
    value, gradient = value_and_gradient(
        lambda x: loss.discriminator_loss(-x, x), logits
    )
    assert value == pytest.approx(5e3)
    np.testing.assert_allclose(gradient, [[0], [0.5]], atol=1e-7)


@pytest.mark.parametrize("name", LOSSES)
def test_names_instances_and_configs(name):
    loss = get_adversarial_loss(name)
    assert type(loss) is LOSSES[name]
    assert get_adversarial_loss(loss) is loss
    config = keras.saving.serialize_keras_object(loss)
    assert type(keras.saving.deserialize_keras_object(config)) is LOSSES[name]


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="`adversarial_loss` must.*'wasserstein'"):
        get_adversarial_loss("wasserstein")
