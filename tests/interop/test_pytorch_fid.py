"""Which files are taken for pytorch-fid's weights. Their values: test_fid_inception."""

import numpy as np
import pytest
import safetensors.numpy

from crd_keras.interop import read_network, to_state_dict
from crd_keras.interop.architectures import ARCHITECTURES
from crd_keras.interop.pytorch_fid import load_pytorch_fid
from crd_keras.models import fid_inception
from crd_keras.state_dicts.state_dict import read_state_dict
from tests.models.torch_inception import random_inception

pytestmark = pytest.mark.any_backend


@pytest.fixture(scope="module")
def model():
    return fid_inception(seed=0)


@pytest.fixture
def state():
    # Copied: a test may change it.
    return {
        name: t.numpy().copy() for name, t in random_inception().state_dict().items()
    }


def save(state, tmp_path):
    path = tmp_path / "net.safetensors"
    safetensors.numpy.save_file(state, path)
    return path


def assert_refused(model, path, message):
    before = model.get_weights()
    with pytest.raises(ValueError, match=message) as error:
        load_pytorch_fid(model, path)
    assert "\n" not in str(error.value)
    assert str(error.value).endswith(f"Received: weights={path}")
    for ours, theirs in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_classifier_and_counters_may_be_missing(model, state, tmp_path):
    path = save(
        {
            name: array
            for name, array in state.items()
            if "num_batches" not in name and not name.startswith("fc.")
        },
        tmp_path,
    )
    assert len(read_state_dict(path)) == 94 * 5
    load_pytorch_fid(model, path)
    kernel = model.get_layer("Mixed_6b-branch7x7_2-conv").get_weights()[0]
    np.testing.assert_array_equal(
        kernel.transpose(3, 2, 0, 1), state["Mixed_6b.branch7x7_2.conv.weight"]
    )


def test_as_a_network_and_back(model, state, tmp_path, monkeypatch):
    # To build another one takes seconds.
    monkeypatch.setattr(
        ARCHITECTURES["inception"], "build", lambda settings, shapes: model
    )
    imported = read_network(save(state, tmp_path))
    assert imported.architecture == "inception"
    back = to_state_dict(model)
    names = [name for name in state if name in back]
    assert list(back) == names
    assert set(imported.left_out) == set(state) - set(names)
    assert len(imported.left_out) == 94 + 2
    for name in names:
        assert back[name].dtype == state[name].dtype
        np.testing.assert_array_equal(back[name], state[name])


def test_missing_names(model, state, tmp_path):
    del state["Mixed_7c.branch_pool.bn.running_var"]
    path = save(state, tmp_path)
    message = r": 1 missing \(Mixed_7c.branch_pool.bn.running_var\)\. Received"
    assert_refused(model, path, message)


def test_weights_that_are_not_finite(model, state, tmp_path):
    state["Conv2d_1a_3x3.conv.weight"][0, 0, 0, 0] = np.nan
    path = save(state, tmp_path)
    assert_refused(model, path, r": 1 not finite \(Conv2d_1a_3x3.conv.weight\)\. Rec")


def test_another_network_names_five(model, tmp_path):
    path = save({f"layer{i}": np.zeros(1, "float32") for i in range(7)}, tmp_path)
    message = (
        r"470 missing \(Conv2d_1a_3x3.conv.weight, (\S+, ){4}\.\.\.\); "
        r"7 unexpected \((layer\d, ){5}\.\.\.\)"
    )
    assert_refused(model, path, message)


def test_torchvision_weights_are_refused(model, state, tmp_path):
    """Same names, another network: 1000 classes and an auxiliary classifier."""
    state["fc.weight"] = np.zeros((1000, 2048), "float32")
    state["AuxLogits.conv0.conv.weight"] = np.zeros((128, 768, 1, 1), "float32")
    path = save(state, tmp_path)
    message = (
        r"1 unexpected \(AuxLogits.conv0.conv.weight\); 1 of another shape "
        r"\(fc.weight \(1000, 2048\) instead of \(1008, 2048\)\)"
    )
    assert_refused(model, path, message)
