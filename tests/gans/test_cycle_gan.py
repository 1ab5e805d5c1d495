import keras
import numpy as np
import pytest

from crd_keras.gans import CycleGAN
from crd_keras.models import mobile_resnet_generator, patch_discriminator

SHAPE = (2, 16, 24, 3)


def networks():
    """Tiny networks, all different, that Keras' own layers are made of."""

    def network(filters, seed, activation):
        kernel = keras.initializers.RandomNormal(stddev=0.3, seed=seed)
        return keras.Sequential(
            [
                keras.Input((None, None, 3)),
                keras.layers.Conv2D(
                    filters,
                    3,
                    padding="same",
                    activation=activation,
                    kernel_initializer=kernel,
                ),
            ],
            name=f"network_{seed}",
        )

    return {
        "generator": network(3, 1, "tanh"),
        "inverse_generator": network(3, 2, "tanh"),
        "discriminator": network(1, 3, None),
        "inverse_discriminator": network(1, 4, None),
    }


def images(seed):
    return np.random.default_rng(seed).uniform(-1, 1, SHAPE).astype("float32")


def run(model, x):
    return np.float64(keras.ops.convert_to_numpy(model(x)))


def l1(a, b):
    return np.abs(a - b).mean()


def numbers(terms):
    return {name: float(value) for name, value in terms.items()}


def test_batch_norm_sees_one_domain_at_a_time():
    n = networks()
    n["generator"] = keras.Sequential(
        [keras.Input((None, None, 3)), keras.layers.BatchNormalization()]
    )
    teacher = CycleGAN(**n)
    source, target = images(0), 0.1 * images(1)
    _, terms, fakes = teacher.generator_loss(source, target)

    def normalized(x):
        x = np.float64(x)
        return (x - x.mean((0, 1, 2))) / np.sqrt(x.var((0, 1, 2)) + 1e-3)

    translated = keras.ops.convert_to_numpy(fakes["translated"])
    np.testing.assert_allclose(translated, normalized(source), atol=1e-5)
    identity = float(terms["identity"])
    assert identity == pytest.approx(l1(normalized(target), target), rel=1e-5)


@pytest.mark.parametrize("identity_weight", [5.0, 0.0])
def test_the_generators_loss(identity_weight):
    n = networks()
    forth, back, discriminator, inverse_discriminator = n.values()
    teacher = CycleGAN(**n, cycle_weight=7.0, identity_weight=identity_weight)
    source, target = images(0), images(1)
    loss, terms, fakes = teacher.generator_loss(source, target)

    fake, inverse_fake = run(forth, source), run(back, target)
    expected = {
        "adversarial": ((run(discriminator, fake) - 1) ** 2).mean(),
        "inverse_adversarial": (
            (run(inverse_discriminator, inverse_fake) - 1) ** 2
        ).mean(),
        "cycle": l1(run(back, fake), source),
        "inverse_cycle": l1(run(forth, inverse_fake), target),
    }
    total = expected["adversarial"] + expected["inverse_adversarial"]
    total += 7 * (expected["cycle"] + expected["inverse_cycle"])
    if identity_weight:
        expected["identity"] = l1(run(forth, target), target)
        expected["inverse_identity"] = l1(run(back, source), source)
        total += 5 * (expected["identity"] + expected["inverse_identity"])
    assert numbers(terms) == pytest.approx(expected, rel=1e-5)
    assert set(teacher.generator_terms) == set(expected)
    assert float(loss) == pytest.approx(total, rel=1e-5)
    for name, image in {"translated": fake, "inverse_translated": inverse_fake}.items():
        result = keras.ops.convert_to_numpy(fakes[name])
        np.testing.assert_allclose(result, image, atol=1e-6)


@pytest.mark.parametrize("adversarial_loss", ["least_squares", "hinge"])
def test_the_discriminators_loss(adversarial_loss):
    n = networks()
    _, _, discriminator, inverse_discriminator = n.values()
    teacher = CycleGAN(**n, adversarial_loss=adversarial_loss)
    source, target, fake, inverse_fake = (images(seed) for seed in range(4))
    loss, terms = teacher.discriminator_loss(
        source, target, {"translated": fake, "inverse_translated": inverse_fake}
    )

    def expected(discriminator, real, fake):
        real, fake = run(discriminator, real), run(discriminator, fake)
        if adversarial_loss == "hinge":
            return (np.maximum(1 - real, 0) + np.maximum(1 + fake, 0)).mean() / 2
        return ((real - 1) ** 2 + fake**2).mean() / 2

    assert numbers(terms) == pytest.approx(
        {
            "discriminator": expected(discriminator, target, fake),
            "inverse_discriminator": expected(
                inverse_discriminator, source, inverse_fake
            ),
        },
        rel=1e-5,
    )
    assert tuple(terms) == teacher.discriminator_terms
    assert float(loss) == pytest.approx(sum(numbers(terms).values()), rel=1e-6)


def test_the_discriminators_see_past_fakes():
    teacher = CycleGAN(**networks(), pool_size=2, seed=0)
    seen, shown = [], []
    for seed in range(12):
        fakes = {"translated": images(seed), "inverse_translated": images(seed + 100)}
        replayed = teacher.replay(fakes)
        assert set(replayed) == set(fakes)
        shown.append(fakes["translated"])
        seen.append(keras.ops.convert_to_numpy(replayed["translated"]))
    np.testing.assert_array_equal(seen[0], shown[0])
    shown, seen = np.concatenate(shown), np.concatenate(seen)
    same = np.all(seen == shown, axis=(1, 2, 3))
    assert not same.all()
    for image in seen[~same]:
        assert np.any(np.all(image == shown, axis=(1, 2, 3)))


def test_it_translates_and_discriminates():
    n = networks()
    teacher, x = CycleGAN(**n), images(0)
    np.testing.assert_array_equal(run(teacher, x), run(n["generator"], x))
    received = keras.ops.convert_to_numpy(teacher.discriminate(x, images(1)))
    np.testing.assert_array_equal(received, run(n["discriminator"], images(1)))
    assert teacher.generators == [n["generator"], n["inverse_generator"]]
    assert teacher.discriminators == [n["discriminator"], n["inverse_discriminator"]]


def test_round_trip(tmp_path):
    teacher = CycleGAN(
        mobile_resnet_generator(filters=4, blocks=1, seed=0),
        mobile_resnet_generator(filters=4, blocks=1, seed=1),
        patch_discriminator(filters=4, layers=1, seed=2),
        patch_discriminator(filters=4, layers=1, seed=3),
        adversarial_loss="hinge",
        cycle_weight=3.0,
        identity_weight=0.0,
        pool_size=3,
        seed=7,
        name="teacher",
    )
    teacher.build(SHAPE)
    for seed in range(3):
        teacher.replay(
            {name: images(seed) for name in ("translated", "inverse_translated")}
        )
    path = tmp_path / "teacher.keras"
    teacher.save(path)
    loaded = keras.saving.load_model(path)
    assert type(loaded) is CycleGAN
    np.testing.assert_array_equal(run(loaded, images(0)), run(teacher, images(0)))
    results, expected = (
        model.generator_loss(images(0), images(1))[1] for model in (loaded, teacher)
    )
    assert numbers(results) == numbers(expected)
    results, expected = (
        model.replay(dict.fromkeys(("translated", "inverse_translated"), images(9)))
        for model in (loaded, teacher)
    )
    for name, image in expected.items():
        np.testing.assert_array_equal(
            *map(keras.ops.convert_to_numpy, (results[name], image))
        )
    config, expected = loaded.get_config(), teacher.get_config()
    for name in ("cycle_weight", "identity_weight", "pool_size", "seed", "name"):
        assert config[name] == expected[name]


def test_bad_arguments_are_refused():
    n = networks()
    with pytest.raises(ValueError, match="four models.*Received.*network_1.*network_1"):
        CycleGAN(**n | {"inverse_generator": n["generator"]})
    with pytest.raises(ValueError, match="`adversarial_loss` must be.*'wasserstein'"):
        CycleGAN(**n, adversarial_loss="wasserstein")
    with pytest.raises(ValueError, match="`pool_size` must be at least 0. Rec.*-1"):
        CycleGAN(**n, pool_size=-1)
