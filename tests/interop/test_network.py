"""Networks of the PyTorch family in Keras, and the way back.

pytorch-fid's Inception: tests/interop/test_pytorch_fid.py.
"""

import functools

import keras
import numpy as np
import pytest
import safetensors.torch
import torch
from benchmarks.plain_pytorch import networks as published

from crd_keras import models
from crd_keras.interop import (
    describe_network,
    read_network,
    read_state_dict,
    to_state_dict,
    write_state_dict,
)
from tests.models.torch_reference import randomised, run_torch

# By name: a network, and what it is taken for.
NETWORKS = {
    "resnet": (
        lambda: published.resnet_generator(4, 2),
        "resnet (filters 4, blocks 2, input channels 3, output channels 3)",
    ),
    "resnet with dropout": (
        lambda: published.resnet_generator(2, 1, dropout=True, channels=(1, 2)),
        "resnet (filters 2, blocks 1, input channels 1, output channels 2)",
    ),
    "mobile_resnet": (
        lambda: published.resnet_generator(4, 2, mobile=True),
        "mobile_resnet (filters 4, blocks 2, input channels 3, output channels 3)",
    ),
    "unet": (
        lambda: published.unet_generator(4, 5, channels=(3, 1)),
        "unet (filters 4, downs 5, input channels 3, output channels 1)",
    ),
    "unet of two levels": (
        lambda: published.unet_generator(2, 2),
        "unet (filters 2, downs 2, input channels 3, output channels 3)",
    ),
    "patchgan, instance norm": (
        lambda: published.patch_discriminator(4),
        "patchgan (filters 4, layers 3, input channels 3, norm instance)",
    ),
    "patchgan, batch norm": (
        lambda: published.patch_discriminator(4, 1, "batch", channels=6),
        "patchgan (filters 4, layers 1, input channels 6, norm batch)",
    ),
}

# The others differ from these in where their weights are.
WITH_OUTPUT = sorted(set(NETWORKS) - {"resnet with dropout", "unet of two levels"})


@functools.cache
def network(name: str) -> torch.nn.Module:
    with torch.device("cpu"):
        return randomised(NETWORKS[name][0]())


def state_of(name: str) -> dict[str, torch.Tensor]:
    return dict(network(name).state_dict())


def save(state, path):
    if path.suffix == ".safetensors":
        safetensors.torch.save_file(state, path)
    else:
        torch.save(state, path)
    return path


def without_counters(state):
    return {k: v for k, v in state.items() if not k.endswith("num_batches_tracked")}


def assert_same_state(received, expected):
    """Names in the same order, and the same types, shapes and bits."""
    assert list(received) == list(expected)
    for name, array in expected.items():
        array = np.asarray(array)
        assert received[name].dtype == array.dtype
        assert received[name].shape == array.shape
        np.testing.assert_array_equal(received[name], array)


@pytest.mark.parametrize("name", WITH_OUTPUT)
def test_same_output(name, tmp_path):
    model = read_network(save(state_of(name), tmp_path / "net.pth")).model
    size = 32 if name.startswith(("unet", "patch")) else 16
    x = np.random.default_rng(0).uniform(-1, 1, (2, size, size, model.input_shape[-1]))
    x = x.astype("float32")
    expected = run_torch(network(name), x)
    assert expected.std() > 0.1
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, atol=1e-4)


@pytest.mark.parametrize("name", NETWORKS)
def test_way_back(name, tmp_path):
    state = state_of(name)
    imported = read_network(save(state, tmp_path / "net.pth"))
    model = imported.model
    assert imported.architecture == name.partition(" ")[0].rstrip(",")
    assert describe_network(model) == NETWORKS[name][1]
    kept = without_counters(state)
    assert imported.left_out == [key for key in state if key not in kept]
    assert not imported.converted
    model.save(tmp_path / "net.keras")
    loaded = keras.saving.load_model(tmp_path / "net.keras")
    write_state_dict(to_state_dict(loaded), tmp_path / "back.pth")
    back = torch.load(tmp_path / "back.pth", weights_only=True)
    assert_same_state({k: v.numpy() for k, v in back.items()}, kept)
    # PyTorch takes it, without the counters too.
    network(name).load_state_dict(back)


def test_network_that_resizes_is_no_network_of_theirs():
    model = models.mobile_resnet_generator(filters=4, blocks=1, upsampling="resize")
    with pytest.raises(ValueError, match="`model` must double images by transposed"):
        to_state_dict(model)


def test_mobile_resnet_of_safetensors_and_data_parallel(tmp_path):
    state = state_of("mobile_resnet")
    wrapped = {f"module.{key}": tensor for key, tensor in state.items()}
    imported = read_network(save(wrapped, tmp_path / "net.safetensors"))
    write_state_dict(to_state_dict(imported.model), tmp_path / "back.safetensors")
    back = read_state_dict(tmp_path / "back.safetensors")
    assert_same_state({key: back[key] for key in state}, state)
    assert len(back) == len(state)


@pytest.mark.parametrize("name", ["resnet", "patchgan, instance norm"])
def test_what_instance_norms_have_tracked_is_left_out(name, tmp_path):
    state = state_of(name)
    tracked = {
        "model.3.running_mean": torch.full((8,), 5.0),
        "model.3.running_var": torch.full((8,), 9.0),
        "model.3.num_batches_tracked": torch.tensor(7),
    }
    imported = read_network(save(state | tracked, tmp_path / "net.pth"))
    assert imported.left_out == list(tracked)
    assert_same_state(to_state_dict(imported.model), state)


def test_half_precision_is_said(tmp_path):
    state = {k: v.half() for k, v in state_of("mobile_resnet").items()}
    imported = read_network(save(state, tmp_path / "net.pth"))
    assert imported.converted == list(state)
    back = to_state_dict(imported.model)
    assert_same_state(back, {k: v.float() for k, v in state.items()})


def test_vgg16_for_the_perceptual_loss(tmp_path, monkeypatch):
    # To draw random weights, which are replaced, takes seconds.
    zeros = keras.initializers.Zeros.__call__
    monkeypatch.setattr(keras.initializers.GlorotUniform, "__call__", zeros)
    with torch.device("cpu"):
        network = randomised(published.VGG16Features(5))
        state = dict(network.state_dict())
        classifier = {"classifier.6.bias": torch.zeros(1000)}
    imported = read_network(save(state | classifier, tmp_path / "vgg.pth"))
    assert (imported.architecture, imported.left_out) == ("vgg16", list(classifier))
    assert_same_state(to_state_dict(imported.model), state)
    imported.model.save(tmp_path / "vgg.keras")
    features = models.vgg16_features(tmp_path / "vgg.keras", layout="torchvision")
    x = np.random.default_rng(0).uniform(-1, 1, (1, 16, 16, 3)).astype("float32")
    outputs = features.predict(x, verbose=0)
    with torch.no_grad(), torch.device("cpu"):
        expected = network(torch.from_numpy(x.transpose(0, 3, 1, 2).copy()))
    for output, theirs in zip(outputs, expected[:4], strict=True):
        assert theirs.std() > 0.1
        theirs = theirs.numpy().transpose(0, 2, 3, 1)
        np.testing.assert_allclose(output, theirs, atol=1e-4)


@pytest.mark.any_backend
class TestRefused:
    def check(self, path, message, **arguments):
        with pytest.raises(ValueError, match=message) as error:
            read_network(path, **arguments)
        assert "\n" not in str(error.value)
        return str(error.value)

    def test_unknown_kind(self, tmp_path):
        path = save(state_of("resnet"), tmp_path / "net.pth")
        self.check(
            path,
            "`architecture` must be one of resnet, .*: architecture=vit$",
            architecture="vit",
        )

    def test_networks_of_no_kind(self, tmp_path):
        state = {f"layer{i}.weight": torch.zeros(1) for i in range(7)}
        path = save(state, tmp_path / "net.pth")
        message = r"one of resnet, .*7 arrays \((layer\d.weight, ){5}\.\.\.\)$"
        self.check(path, message)

    def test_another_kind_than_said(self, tmp_path):
        path = save(state_of("resnet"), tmp_path / "net.pth")
        message = (
            r"as mobile_resnet \(filters 4, blocks 2, .*: 16 missing \(model.10."
            r"conv_block.1.conv.0.weight, (\S+, ){4}\.\.\.\); 8 unexpected \(model.10."
        )
        self.check(path, message, architecture="mobile_resnet")
        self.check(
            path, r"as unet: 1 missing \(model.model.0.weight\)\.", architecture="unet"
        )

    def test_missing_unexpected_and_other_shapes(self, tmp_path):
        state = state_of("resnet")
        del state["model.4.bias"]
        state["model.7.weight"] = state["model.7.weight"][:, :5]
        state["model.99.weight"] = state["model.1.weight"]
        state["model.1.bias"] = state["model.1.bias"] * np.nan
        message = (
            r"filters 4, blocks 2, .*: 1 missing \(model.4.bias\); "
            r"1 unexpected \(model.99.weight\); 1 of another shape \(model.7.weight "
            r"\(16, 5, 3, 3\) instead of \(16, 8, 3, 3\)\); "
            r"1 not finite \(model.1.bias\)\. Received"
        )
        self.check(save(state, tmp_path / "net.pth"), message)

    def test_other_normalisations(self, tmp_path):
        state = state_of("resnet") | {"model.2.weight": torch.ones(4)}
        path = save(state, tmp_path / "net.pth")
        self.check(path, r"instance normalisation .*another one \(model.2.weight\)")
        key = "model.model.1.model.1.bias"
        state = state_of("unet") | {key: torch.ones(4)}
        path = save(state, tmp_path / "net.pth")
        self.check(path, f"batch normalisation.*{key}")

    def test_discriminator_of_single_pixels(self, tmp_path):
        state = {f"model.{i}.weight": torch.ones(4, 4, 1, 1) for i in (0, 2)}
        path = save(state, tmp_path / "net.pth")
        self.check(path, "at least 3 convolutions, and has 2")

    def test_keras_model_of_no_kind(self):
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
        with pytest.raises(ValueError, match="`model` must be .*2 arrays of 10 num"):
            to_state_dict(model)


def test_wide_network(tmp_path):
    """Wide enough that its shapes are looked at before it is built."""
    model = models.patch_discriminator(filters=130, layers=1, norm="batch", seed=0)
    write_state_dict(to_state_dict(model), tmp_path / "net.safetensors")
    back = read_network(tmp_path / "net.safetensors").model
    for received, expected in zip(back.weights, model.weights, strict=True):
        np.testing.assert_array_equal(received.numpy(), expected.numpy())


def test_network_wider_than_its_file(tmp_path):
    """Its first convolution alone would ask for hundreds of gigabytes."""
    model = models.mobile_resnet_generator(filters=2, blocks=1, seed=0)
    state = to_state_dict(model)
    state["model.1.weight"] = np.zeros((50_000, 3, 7, 7), "float16")
    write_state_dict(state, tmp_path / "net.safetensors")
    message = (
        r"mobile_resnet \(filters 50000, .*18 of another shape \(model.1.bias \(2,\) "
        r"instead of \(50000,\), model.4.weight \(4, 2, 3, 3\) instead of"
    )
    with pytest.raises(ValueError, match=message) as error:
        read_network(tmp_path / "net.safetensors")
    assert "\n" not in str(error.value)
