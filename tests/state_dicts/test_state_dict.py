import builtins
import pathlib

import numpy as np
import pytest
import safetensors.torch
import torch

from crd_keras.state_dicts.state_dict import read_state_dict, write_state_dict

pytestmark = pytest.mark.any_backend


def module() -> torch.nn.Module:
    with torch.device("cpu"):
        return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 2), torch.nn.BatchNorm2d(4))


def save(state: dict, path: pathlib.Path, legacy: bool = False) -> pathlib.Path:
    if path.suffix == ".safetensors":
        safetensors.torch.save_file(state, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=not legacy)
    return path


@pytest.mark.parametrize("suffix", [".pth", ".pt", ".safetensors"])
@pytest.mark.parametrize("prefix", ["", "module."])
def test_names_and_values(tmp_path, suffix, prefix):
    state = module().state_dict()
    path = tmp_path / f"net{suffix}"
    arrays = read_state_dict(save({prefix + k: v for k, v in state.items()}, path))
    assert set(arrays) == set(state)
    for name, tensor in state.items():
        assert arrays[name].dtype == tensor.numpy().dtype
        np.testing.assert_array_equal(arrays[name], tensor.numpy())


def test_format_before_pytorch_1_6(tmp_path):
    """The one of pytorch-fid's published weights."""
    state = module().state_dict()
    arrays = read_state_dict(save(state, tmp_path / "net.pth", legacy=True))
    np.testing.assert_array_equal(arrays["0.weight"], state["0.weight"].numpy())


def test_prefix_of_some_names_stays(tmp_path):
    state = {"module.a": torch.ones(1), "b": torch.ones(1)}
    assert list(read_state_dict(save(state, tmp_path / "net.pth"))) == list(state)


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_half_precision(tmp_path, suffix):
    state = {
        "half": torch.tensor([0.5, -3.0], dtype=torch.float16),
        "brain": torch.tensor([0.5, -3.0], dtype=torch.bfloat16),
    }
    arrays = read_state_dict(save(state, tmp_path / f"net{suffix}"))
    assert arrays["half"].dtype == "float16"
    assert arrays["brain"].dtype == "float32"
    np.testing.assert_array_equal(arrays["brain"], [0.5, -3.0])


def assert_refused(path, message):
    with pytest.raises(ValueError, match=message) as error:
        read_state_dict(path)
    assert "\n" not in str(error.value)
    assert f"Received: {path}" in str(error.value)


def test_missing_and_unknown_files(tmp_path):
    assert_refused(tmp_path / "absent.pth", "`path` must be an existing file")
    path = tmp_path / "picture.png"
    path.write_bytes(b"1234")
    assert_refused(path, "`path` must be an existing file")


@pytest.mark.parametrize("name", ["net.pth", "net.pt", "net.safetensors"])
@pytest.mark.parametrize("fraction", [0, 0.5, 0.99])
def test_truncated_file(tmp_path, name, fraction):
    path = save(module().state_dict(), tmp_path / name)
    content = path.read_bytes()
    path.write_bytes(content[: int(fraction * len(content))])
    assert_refused(path, "`path` must be a ")


def test_truncated_file_before_pytorch_1_6(tmp_path):
    path = save(module().state_dict(), tmp_path / "net.pth", legacy=True)
    path.write_bytes(path.read_bytes()[:-100])
    assert_refused(path, "damaged, cut off")


@pytest.mark.parametrize(
    "content, message",
    [
        ([1, 2], "with a list"),
        ({}, "a dictionary with nothing in it"),
        ({"epoch": 3, "net": {}}, "with 'epoch': int, 'net': dict"),
        (pathlib.PurePosixPath("code"), "other things than tensors"),
    ],
)
def test_something_else_than_a_state_dict(tmp_path, content, message):
    path = tmp_path / "net.pth"
    torch.save(content, path)
    assert_refused(path, message)


@pytest.mark.filterwarnings("ignore:.*quantized tensor creation:UserWarning")
@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda tensor: tensor.to_sparse(), "sparse or nested"),
        (lambda t: torch.quantize_per_tensor(t, 0.1, 0, torch.quint8), "quantised"),
        (lambda tensor: tensor.to("meta"), r"no numbers \(device meta\)"),
        (lambda t: t[:1].expand(10**6, 3), r"repeated numbers \(expanded\)"),
    ],
)
def test_tensors_that_are_no_arrays(tmp_path, change, kind):
    path = tmp_path / "net.pth"
    torch.save({"a": torch.ones(2), "b": change(torch.ones(2, 3))}, path)
    with pytest.raises(ValueError, match=f"`path` must .*net.pth with 'b': {kind}$"):
        read_state_dict(path)


def test_floats_that_numpy_has_not(tmp_path):
    values = torch.tensor([0.5, -2.0])
    path = tmp_path / "net.pth"
    torch.save({"a": values.to(torch.float8_e4m3fn)}, path)
    array = read_state_dict(path)["a"]
    assert array.dtype == np.float32 and array.tolist() == [0.5, -2.0]


@pytest.fixture
def without(monkeypatch):
    """Makes imports of a package fail."""
    original = builtins.__import__

    def hide(package):
        def import_others(name, *args, **kwargs):
            if name.partition(".")[0] == package:
                raise ImportError(name)
            return original(name, *args, **kwargs)

        monkeypatch.setattr(builtins, "__import__", import_others)

    return hide


def test_missing_safetensors(tmp_path, without):
    path = save(module().state_dict(), tmp_path / "net.safetensors")
    without("safetensors")
    with pytest.raises(ImportError, match="`pip install safetensors`"):
        read_state_dict(path)


@pytest.mark.parametrize("legacy", [False, True])
def test_pytorch_is_needed_to_write_only(tmp_path, without, legacy):
    state = module().state_dict()
    path = save(state, tmp_path / "net.pth", legacy)
    without("torch")
    arrays = read_state_dict(path)
    np.testing.assert_array_equal(arrays["0.weight"], state["0.weight"].numpy())
    with pytest.raises(ImportError, match="`pip install torch`"):
        write_state_dict(arrays, tmp_path / "copy.pth")
