"""Files of `torch.save`, read without PyTorch."""

import os
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import IO, Any, NamedTuple

import numpy as np

# Pickled first in files older than PyTorch 1.6, which are no zip archives.
_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C

_STORAGES = {
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    # NumPy knows it from ml_dtypes, which Keras imports.
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
    "ComplexFloatStorage": "complex64",
    "ComplexDoubleStorage": "complex128",
    "UntypedStorage": "uint8",
}

# What PyTorch makes tensors with that have no dense array of their own.
_KINDS = {
    "_rebuild_sparse_tensor": "sparse or nested",
    "_rebuild_nested_tensor": "sparse or nested",
    "_rebuild_qtensor": "quantised",
    "_rebuild_meta_tensor_no_storage": "no numbers (device meta)",
}


class NoArray(NamedTuple):
    """A tensor, or another object of PyTorch, that is no dense array.

    Attributes:
        kind: What it is, in words.
    """

    kind: str


def read_torch_file(path: str | os.PathLike) -> Any:
    """Reads what `torch.save` wrote. No code in the file is run.

    Dictionaries, lists, strings and numbers come as they are. What the file asks to be
    called is noted and not called. Notes in the values of a dictionary at the top
    become arrays where they tell of tensors.

    Args:
        path: The file, as PyTorch has written it since 0.4.

    Returns:
        What was saved. If that is a dictionary, its values that are tensors are
        arrays, or `NoArray` where NumPy has nothing of the kind. Floats that NumPy
        has not, such as bfloat16, become float32.

    Raises:
        Exception: Of many kinds, if the file is damaged, cut off, or holds other
            things than tensors.
    """
    if zipfile.is_zipfile(path):
        content, read_storage = _read_zip(path)
    else:
        content, read_storage = _read_legacy(path)
    if not isinstance(content, Mapping):
        return content
    return {
        name: _to_array(value, read_storage) if isinstance(value, _Made) else value
        for name, value in content.items()
    }


class _Global(NamedTuple):
    """A function or class of PyTorch, by its name only. A call makes a note."""

    name: str

    def __call__(self, *arguments: Any) -> "_Made":
        return _Made(self.name, arguments)


class _Made(NamedTuple):
    """The note of a call."""

    name: str
    arguments: tuple


class _Storage(NamedTuple):
    """The memory that tensors lie in."""

    dtype: str
    key: str
    size: int


class _Unpickler(pickle.Unpickler):
    """Knows dictionaries, and notes PyTorch's names; all others are refused."""

    def __init__(self, file: IO[bytes]):
        super().__init__(file, encoding="utf-8")
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module.partition(".")[0] == "torch":
            return _Global(name)
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a tensor")

    def persistent_load(self, saved_id: Any) -> _Storage:
        # A sixth entry is a part of another storage, as PyTorch wrote before 0.4.
        kind, storage_type, key, _, size, *view = saved_id
        if kind != "storage" or any(view):
            raise pickle.UnpicklingError(f"{saved_id} is no storage of a tensor")
        # Other storages are those of tensors that become no arrays.
        dtype = _STORAGES.get(storage_type.name, "uint8")
        return self.storages.setdefault(key, _Storage(dtype, key, size))


_ReadStorage = Callable[[_Storage], bytes]


def _read_zip(path: str | os.PathLike) -> tuple[Any, _ReadStorage]:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        (pickled,) = (name for name in names if name.endswith("/data.pkl"))
        folder = pickled.removesuffix("data.pkl")
        if f"{folder}byteorder" in names:
            if archive.read(f"{folder}byteorder") != b"little":
                raise ValueError("the byte order must be little")
        with archive.open(pickled) as file:
            content = _Unpickler(file).load()

    def read_storage(storage):
        with zipfile.ZipFile(path) as archive:
            return archive.read(f"{folder}data/{storage.key}")

    return content, read_storage


def _read_legacy(path: str | os.PathLike) -> tuple[Any, _ReadStorage]:
    stored = {}
    with open(path, "rb") as file:
        # Then come a version and the sizes of types of the machine that wrote it. What
        # follows is in little byte order everywhere.
        magic, _, _ = (_Unpickler(file).load() for _ in range(3))
        if magic != _LEGACY_MAGIC:
            raise pickle.UnpicklingError("no file of PyTorch")
        unpickler = _Unpickler(file)
        content = unpickler.load()
        for key in _Unpickler(file).load():
            storage = unpickler.storages[key]
            size = int.from_bytes(_exactly(file, 8), "little")
            if size != storage.size:
                raise ValueError(f"storage {key} has {size} numbers")
            stored[key] = _exactly(file, size * np.dtype(storage.dtype).itemsize)
    return content, lambda storage: stored[storage.key]


def _exactly(file, count):
    content = file.read(count)
    if len(content) < count:
        raise EOFError("the file is cut off")
    return content


def _to_array(made: _Made, read_storage: _ReadStorage) -> np.ndarray | NoArray:
    if made.name == "_rebuild_parameter":
        return _to_array(made.arguments[0], read_storage)
    if made.name not in ("_rebuild_tensor_v2", "_rebuild_tensor_v3"):
        return NoArray(_KINDS.get(made.name, made.name))
    storage, offset, shape, strides, *others = made.arguments
    # Version 3 is for types without a storage of their own.
    is_typed = made.name == "_rebuild_tensor_v2"
    dtype = np.dtype(storage.dtype if is_typed else others[2].name)
    content = read_storage(storage)
    # Asked with Python's integers, and before memory is taken for the array.
    count = 1
    for side in shape:
        count *= side
    if count * dtype.itemsize > len(content):
        return NoArray("repeated numbers (expanded)")
    # NumPy checks that no number lies outside of `content`.
    array = np.ndarray(
        shape,
        dtype,
        buffer=content,
        offset=offset * dtype.itemsize,
        strides=[stride * dtype.itemsize for stride in strides],
    )
    numpy_has_it = dtype.isbuiltin == 1
    return array.astype(dtype if numpy_has_it else "float32", order="C")
