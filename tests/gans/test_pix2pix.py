import keras
import numpy as np
import pytest

from crd_keras.gans import Pix2Pix
from crd_keras.models import patch_discriminator, unet_generator

SHAPE = (2, 16, 24, 3)


def networks(data_format="channels_last"):
    """Tiny networks, of two normalised convolutions, that Keras' layers are made of."""

    def network(channels, filters, seed, activation):
        shape, axis = (None, None, channels), -1
        if data_format == "channels_first":
            shape, axis = (channels, None, None), 1
        return keras.Sequential(
            [
                keras.Input(shape),
                keras.layers.Conv2D(
                    filters,
                    3,
                    padding="same",
                    data_format=data_format,
                    kernel_initializer=keras.initializers.RandomNormal(0, 0.3, seed),
                ),
                # Without an offset its mean output would be 0 for any image.
                keras.layers.BatchNormalization(
                    axis=axis, beta_initializer=keras.initializers.Constant(0.4)
                ),
                keras.layers.Activation(activation),
            ],
            name=f"network_{seed}",
        )

    return {
        "generator": network(3, 3, 1, "tanh"),
        "discriminator": network(6, 1, 2, "linear"),
    }


def images(seed):
    return np.random.default_rng(seed).uniform(-1, 1, SHAPE).astype("float32")


def run(model, x, **kwargs):
    return np.float64(keras.ops.convert_to_numpy(model(x, **kwargs)))


def number(x):
    return float(keras.ops.convert_to_numpy(x))


def numbers(terms):
    return {name: number(value) for name, value in terms.items()}


def discriminated(discriminator, source, image):
    """The discriminator's output for a pair, as it is when it trains."""
    pair = np.concatenate([source, image], axis=-1).astype("float32")
    return run(discriminator, pair, training=True)


def test_the_generators_loss():
    n = networks()
    teacher = Pix2Pix(**n, l1_weight=7.0)
    source, target = images(0), images(1)
    loss, terms, fakes = teacher.generator_loss(source, target)

    fake = run(n["generator"], source, training=True)
    expected = {
        "adversarial": -discriminated(n["discriminator"], source, fake).mean(),
        "l1": np.abs(fake - target).mean(),
    }
    assert numbers(terms) == pytest.approx(expected, rel=1e-5)
    assert tuple(terms) == teacher.generator_terms
    total = expected["adversarial"] + 7 * expected["l1"]
    assert number(loss) == pytest.approx(total, rel=1e-5)
    translated = keras.ops.convert_to_numpy(fakes["translated"])
    np.testing.assert_allclose(translated, fake, atol=1e-6)


@pytest.mark.parametrize("adversarial_loss", ["least_squares", "hinge", "vanilla"])
def test_the_adversarial_losses(adversarial_loss):
    n = networks()
    teacher = Pix2Pix(**n, adversarial_loss=adversarial_loss)
    source, target, fake = (images(seed) for seed in range(3))
    loss, terms = teacher.discriminator_loss(source, target, {"translated": fake})

    on_real = discriminated(n["discriminator"], source, target)
    on_fake = discriminated(n["discriminator"], source, fake)
    both, generator = {
        "least_squares": ((on_real - 1) ** 2 + on_fake**2, lambda x: (x - 1) ** 2),
        "hinge": (
            np.maximum(1 - on_real, 0) + np.maximum(1 + on_fake, 0),
            lambda x: -x,
        ),
        "vanilla": (
            np.log1p(np.exp(-on_real)) + np.log1p(np.exp(on_fake)),
            lambda x: np.log1p(np.exp(-x)),
        ),
    }[adversarial_loss]
    assert number(loss) == pytest.approx(both.mean() / 2, rel=1e-5)
    assert numbers(terms) == {"discriminator": number(loss)}
    assert tuple(terms) == teacher.discriminator_terms

    translated = run(n["generator"], source, training=True)
    expected = generator(discriminated(n["discriminator"], source, translated)).mean()
    adversarial = number(teacher.generator_loss(source, target)[1]["adversarial"])
    assert adversarial == pytest.approx(expected, rel=1e-5)


def test_hinge_and_100_are_the_defaults():
    config = Pix2Pix(**networks()).get_config()
    assert config["adversarial_loss"]["class_name"] == "HingeLoss"
    assert config["l1_weight"] == 100.0


def test_it_discriminates_the_pair_source_first():
    n = networks()
    teacher, x, y = Pix2Pix(**n), images(0), images(1)
    received = keras.ops.convert_to_numpy(teacher.discriminate(x, y))
    np.testing.assert_array_equal(received, discriminated(n["discriminator"], x, y))
    assert np.abs(received - discriminated(n["discriminator"], y, x)).max() > 0.1
    np.testing.assert_array_equal(run(teacher, x), run(n["generator"], x))
    assert teacher.generators == [n["generator"]]
    assert teacher.discriminators == [n["discriminator"]]


def test_channels_first():
    last, first = networks(), networks("channels_first")
    for name, network in last.items():
        first[name].set_weights(network.get_weights())
    expected, expected_terms, _ = Pix2Pix(**last).generator_loss(images(0), images(1))
    source, target = (images(seed).transpose(0, 3, 1, 2).copy() for seed in range(2))
    loss, terms, _ = Pix2Pix(**first).generator_loss(source, target)
    assert number(loss) == pytest.approx(number(expected), rel=1e-5)
    assert numbers(terms) == pytest.approx(numbers(expected_terms), abs=1e-5)


def test_round_trip(tmp_path):
    teacher = Pix2Pix(
        unet_generator(filters=4, downs=3, seed=0),
        patch_discriminator((None, None, 6), 4, layers=1, norm="batch", seed=1),
        adversarial_loss="vanilla",
        l1_weight=3.0,
        name="teacher",
    )
    teacher.build(SHAPE)
    teacher.generator_loss(images(0), images(1))  # moves the moving statistics
    path = tmp_path / "teacher.keras"
    teacher.save(path)
    loaded = keras.saving.load_model(path)
    assert type(loaded) is Pix2Pix
    np.testing.assert_array_equal(run(loaded, images(0)), run(teacher, images(0)))
    results, expected = (
        model.generator_loss(images(0), images(1)) for model in (loaded, teacher)
    )
    assert numbers(results[1]) == numbers(expected[1])
    assert number(results[0]) == number(expected[0])
    assert loaded.name == "teacher"


def test_bad_arguments_are_refused():
    n = networks()
    pair = r"joined along .*3\) .*3\) together. Received: \(None, None, None, "
    for channels in (3, 5):
        with pytest.raises(
            ValueError, match=f"`discriminator` must .*{pair}{channels}"
        ):
            Pix2Pix(n["generator"], patch_discriminator((None, None, channels)))
    first = networks("channels_first")
    with pytest.raises(ValueError, match="`discriminator` must take"):
        Pix2Pix(n["generator"], first["discriminator"])
    with pytest.raises(ValueError, match="`adversarial_loss` must be.*'wasserstein'"):
        Pix2Pix(**n, adversarial_loss="wasserstein")
