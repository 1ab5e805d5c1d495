"""Files of `torch.save` against what PyTorch itself loads from them."""

import os
import pickle
import struct

import numpy as np
import pytest
import torch

from crd_keras.state_dicts.torch_file import NoArray, read_torch_file

pytestmark = pytest.mark.any_backend


@pytest.mark.parametrize("legacy", [False, True])
def test_parts_of_a_storage(tmp_path, legacy):
    """Offsets, strides, scalars, empty tensors, and two tensors in one storage."""
    numbers = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    saved = {
        "turned": numbers.permute(2, 0, 1),
        "part": numbers[:, 1:, ::2],
        "scalar": torch.tensor(7),
        "empty": torch.zeros(0, 3),
        "parameter": torch.nn.Parameter(torch.ones(2)),
        "flags": torch.tensor([True, False]),
        "complex": torch.tensor([1 + 2j]),
        "rate": 0.5,
    }
    path = tmp_path / "net.pth"
    torch.save(saved, path, _use_new_zipfile_serialization=not legacy)
    read = read_torch_file(path)
    assert list(read) == list(saved)
    assert read.pop("rate") == 0.5
    for name, array in read.items():
        expected = saved[name].detach().numpy()
        assert array.dtype == expected.dtype and array.flags.writeable
        np.testing.assert_array_equal(array, expected)


class Calls:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("legacy", [False, True])
def test_no_code_is_run(tmp_path, legacy):
    path, made = tmp_path / "net.pth", tmp_path / "made"
    content = {"a": Calls(os.mkdir, str(made))}
    torch.save(content, path, _use_new_zipfile_serialization=not legacy)
    with pytest.raises(pickle.UnpicklingError, match="mkdir is no part of a tensor"):
        read_torch_file(path)
    assert not made.exists()


def test_functions_of_pytorch_are_not_called(tmp_path):
    path = tmp_path / "net.pth"
    torch.save({"a": Calls(torch.set_num_threads, 0)}, path)
    assert read_torch_file(path) == {"a": NoArray("set_num_threads")}


def test_numbers_outside_of_the_storage(tmp_path):
    """A tensor that would show the memory beyond the file's."""
    path = tmp_path / "net.pth"
    torch.save({"a": torch.ones(4)}, path, _use_new_zipfile_serialization=False)
    content = path.read_bytes()
    # The shape (4,) and the stride (1,), pickled: the stride becomes 100.
    shape = b"K\x04\x85q"
    start = content.index(shape)
    stride = content.index(b"K\x01\x85", start)
    path.write_bytes(content[:stride] + b"K\x64\x85" + content[stride + 3 :])
    with pytest.raises(ValueError, match="strides is incompatible"):
        read_torch_file(path)


def test_storage_of_another_size(tmp_path):
    path = tmp_path / "net.pth"
    torch.save({"a": torch.ones(4)}, path, _use_new_zipfile_serialization=False)
    content = path.read_bytes()
    size = content.rindex(struct.pack("<q", 4))
    path.write_bytes(content[:size] + struct.pack("<q", 2) + content[size + 8 :])
    with pytest.raises(ValueError, match="has 2 numbers"):
        read_torch_file(path)
