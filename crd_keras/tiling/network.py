"""A generator that translates a picture some rows at a time."""

import collections
import tempfile
from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
from tqdm import tqdm

from crd_keras.tiling.known_layers import Normalized, row_operation
from crd_keras.tiling.row_operation import RowOperation
from crd_keras.tiling.stored_rows import StoredRows
from crd_keras.utils.full_disk import naming_full_disk
from crd_keras.utils.images import from_levels, from_pixels, levels, to_pixels

# Of the largest tensor: a layer needs several times as much.
_BYTES_AT_A_TIME = 2**25
_FEWEST_ROWS = 16


class UntiledLayerError(ValueError):
    """A model has a layer of which some rows cannot be computed by themselves."""


class _Step(NamedTuple):
    """A layer in its place in the network. Tensors are known by their `id`."""

    operation: RowOperation
    inputs: list[int]
    output: int
    channels: int


class TiledNetwork:
    """Translates a picture in strips of whole rows, to what it becomes untiled.

    A strip is computed from as many rows as the layers look at, so that there are no
    seams. An instance norm needs the statistics of the whole picture: its input is
    computed strip by strip, and kept on disk, before the norm is. So is what two layers
    take, as where a residual block begins or a U-Net skips. All else is computed on
    the way from disk to disk.

    Args:
        model: A functional or sequential generator of images, channels last, of the
            layers of `crd_keras.models`.

    Raises:
        UntiledLayerError: If it is another kind of model, or has another layer.
    """

    def __init__(self, model: keras.Model):
        self._steps = _steps(model)
        (self._source,), (self._result,) = map(_ids, (model.inputs, model.outputs))
        self._uses = collections.Counter(x for step in self._steps for x in step.inputs)
        normalized = [x for x in self._steps if isinstance(x.operation, Normalized)]
        self._needs_statistics = {step.inputs[0] for step in normalized}

    def largest_bytes(self, height: int, width: int) -> int:
        """Bytes of the largest tensor of a picture, of which there are several."""
        heights = {self._source: height}
        largest = 0
        for step in self._steps:
            own = step.operation.height(heights[step.inputs[0]])
            heights[step.output] = own
            largest = max(largest, own * (own * width // height) * step.channels)
        return 4 * largest

    def translate(self, pixels: np.ndarray, rows: int | None = None) -> np.ndarray:
        """Translates a picture.

        Args:
            pixels: Array `(height, width, channels)` of a size that the model takes:
                uint8, uint16, or float32 in [0, 1].
            rows: How many rows of the picture to compute at a time. Default: as many as
                take some hundred MiB.

        Returns:
            Array `(height, width, channels)` of the same dtype.

        Raises:
            DiskFullError: If there is no space for tensors in the folder of temporary
                files.
        """
        height, width, _ = pixels.shape
        if rows is None:
            per_row = max(1, self.largest_bytes(height, width) // height)
            rows = max(_FEWEST_ROWS, _BYTES_AT_A_TIME // per_row)
        folder = tempfile.gettempdir()
        tensors: dict[int, Any] = {self._source: _Pixels(pixels)}
        remaining = self._uses.copy()
        with naming_full_disk(folder):
            if self._source in self._needs_statistics:
                tensors[self._source] = _stored(tensors[self._source], rows, folder)
            for step in tqdm(
                self._steps, desc="Layers", delay=2, leave=False, disable=None
            ):
                inputs = [tensors[x] for x in step.inputs]
                if isinstance(step.operation, Normalized):
                    step.operation.set_statistics(inputs[0].mean, inputs[0].variance)
                tensor = _Computed(step.operation, inputs)
                if step.output in self._needs_statistics or self._uses[step.output] > 1:
                    count = max(1, rows * tensor.height // height)
                    tensor = _stored(tensor, count, folder)
                tensors[step.output] = tensor
                for used in step.inputs:
                    remaining[used] -= 1
                    if not remaining[used]:
                        # Its file goes with the last tensor that is computed from it.
                        tensors.pop(used, None)
            result = tensors[self._result]
            strips = (
                from_levels(to_pixels(strip), pixels.dtype)
                for strip in _strips(result, rows)
            )
            return _joined(strips, result.height)


class _Pixels:
    """A picture as a tensor in [-1, 1]."""

    def __init__(self, pixels: np.ndarray):
        self._pixels = pixels
        self.height = len(pixels)

    def rows(self, first: int, end: int) -> np.ndarray:
        return from_pixels(levels(self._pixels[first:end]).astype("float32"))


class _Computed:
    """A tensor whose rows are computed when they are asked for."""

    def __init__(self, operation: RowOperation, inputs: Sequence[Any]):
        self._operation = operation
        self._inputs = inputs
        self.height = operation.height(inputs[0].height)

    def rows(self, first: int, end: int) -> np.ndarray:
        if end <= first:
            # Nothing, of the right shape: only zeros beside the picture are asked for.
            return self.rows(self.height - 1, self.height)[:0]
        height = self._inputs[0].height
        needed = self._operation.needed(first, end, height)
        inputs = [tensor.rows(*needed) for tensor in self._inputs]
        return self._operation.compute(inputs, first, end, height)


def _strips(tensor, count):
    for first in range(0, tensor.height, count):
        yield tensor.rows(first, min(first + count, tensor.height))


def _joined(strips, height):
    """The strips in one array, of which there is never a second copy."""
    joined, first = None, 0
    for strip in strips:
        if joined is None:
            joined = np.empty((height, *strip.shape[1:]), strip.dtype)
        joined[first : first + len(strip)] = strip
        first += len(strip)
    return joined


def _stored(tensor, count, folder):
    """The tensor on disk, computed so many rows at a time."""
    stored = None
    for strip in _strips(tensor, count):
        if stored is None:
            _, width, channels = strip.shape
            stored = StoredRows(tensor.height, width, channels, folder)
        stored.append(strip)
    return stored


def _steps(model):
    """The layers in an order in which they can be computed."""
    if len(getattr(model, "inputs", None) or ()) != 1 or len(model.outputs) != 1:
        raise UntiledLayerError(
            "`model` must be a functional model of one input and one output to be "
            f"computed in rows. Received: {model.name}"
        )
    producers: dict[int, tuple[Any, RowOperation]] = {}
    # Of a sequential model all are layers.
    for layer in getattr(model, "operations", model.layers):
        if isinstance(layer, keras.layers.InputLayer):
            continue
        operation = row_operation(layer)
        if operation is None:
            raise _untiled(model, layer)
        producers[id(layer.output)] = layer, operation
    steps: list[_Step] = []
    done = set(_ids(model.inputs))
    waiting = [model.outputs[0]]
    while waiting:
        tensor = waiting[-1]
        if id(tensor) in done:
            waiting.pop()
            continue
        if id(tensor) not in producers:
            # Of a layer that has been called before, in another place.
            raise _untiled(model, None)
        layer, operation = producers[id(tensor)]
        inputs = keras.tree.flatten(layer.input)
        missing = [x for x in inputs if id(x) not in done]
        if missing:
            waiting += missing
            continue
        steps.append(_Step(operation, _ids(inputs), id(tensor), tensor.shape[-1]))
        done.add(id(tensor))
    return steps


def _untiled(model, layer):
    received = (
        "a layer that is called more than once"
        if layer is None
        else f"the layer {layer.name} ({type(layer).__name__})"
    )
    return UntiledLayerError(
        "`model` must have layers of which some rows can be computed by themselves, as "
        f"those of crd_keras.models, channels last. Received: {model.name} with "
        f"{received}"
    )


def _ids(tensors):
    return [id(tensor) for tensor in tensors]
