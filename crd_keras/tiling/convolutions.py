"""Layers that look at a window of a picture for each pixel."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from crd_keras.tiling.paddings import rows_within, with_zeros
from crd_keras.tiling.row_operation import RowOperation, run_layer


class Convolved(RowOperation):
    """`Conv2D` and `DepthwiseConv2D`, of any stride, dilation and padding."""

    def __init__(self, layer: Any):
        super().__init__(layer)
        self._valid = _without_padding(layer)
        spans = zip(layer.kernel_size, layer.dilation_rate, strict=True)
        self._spans = [(kernel - 1) * dilation + 1 for kernel, dilation in spans]

    def height(self, height: int) -> int:
        before, after = self._padding(0, height)
        return (height + before + after - self._spans[0]) // self._stride(0) + 1

    def needed(self, first: int, end: int, height: int) -> tuple[int, int]:
        start, stop = self._padded_rows(first, end, height)
        return rows_within(start, stop, height)

    def compute(
        self, inputs: Sequence[np.ndarray], first: int, end: int, height: int
    ) -> np.ndarray:
        columns = self._padding(1, inputs[0].shape[1])
        start, stop = self._padded_rows(first, end, height)
        padded = with_zeros(inputs[0], start, stop, height, columns)
        return run_layer(self._valid, padded)

    def _padded_rows(self, first, end, height):
        before, _ = self._padding(0, height)
        start, stride = first * self._stride(0) - before, self._stride(0)
        return start, start + (end - first - 1) * stride + self._spans[0]

    def _padding(self, axis, size):
        """What `"same"` adds before and after."""
        if self.layer.padding == "valid":
            return 0, 0
        stride = self._stride(axis)
        whole = (-(-size // stride) - 1) * stride + self._spans[axis]
        added = max(whole - size, 0)
        return added // 2, added - added // 2

    def _stride(self, axis):
        return self.layer.strides[axis]


class Transposed(RowOperation):
    """`Conv2DTranspose`. `"same"` is the full result, cropped."""

    def __init__(self, layer: Any):
        super().__init__(layer)
        self._valid = _without_padding(layer)

    def height(self, height: int) -> int:
        before, after = self._cropping(0)
        return self._full_height(height) - before - after

    def needed(self, first: int, end: int, height: int) -> tuple[int, int]:
        first, end = self._full_rows(first, end)
        kernel, stride = self.layer.kernel_size[0], self.layer.strides[0]
        # A kernel smaller than the stride leaves rows that no input reaches.
        start = min(-(-(first - kernel + 1) // stride), first // stride)
        return rows_within(start, (end - 1) // stride + 1, height)

    def compute(
        self, inputs: Sequence[np.ndarray], first: int, end: int, height: int
    ) -> np.ndarray:
        start, _ = self.needed(first, end, height)
        first, end = self._full_rows(first, end)
        full = run_layer(self._valid, inputs[0])
        offset = start * self.layer.strides[0]
        left, right = self._cropping(1)
        return full[first - offset : end - offset, left : full.shape[1] - right]

    def _full_height(self, height):
        kernel, stride = self.layer.kernel_size[0], self.layer.strides[0]
        return height * stride + max(kernel - stride, 0)

    def _full_rows(self, first, end):
        before, _ = self._cropping(0)
        return first + before, end + before

    def _cropping(self, axis):
        if self.layer.padding == "valid":
            return 0, 0
        kernel, stride = self.layer.kernel_size[axis], self.layer.strides[axis]
        cropped = max(kernel - stride, 0)
        return cropped // 2, cropped - cropped // 2


class Repeated(RowOperation):
    """`UpSampling2D` that repeats pixels."""

    def height(self, height: int) -> int:
        return height * self.layer.size[0]

    def needed(self, first: int, end: int, height: int) -> tuple[int, int]:
        return first // self.layer.size[0], (end - 1) // self.layer.size[0] + 1

    def compute(
        self, inputs: Sequence[np.ndarray], first: int, end: int, height: int
    ) -> np.ndarray:
        start, _ = self.needed(first, end, height)
        offset = start * self.layer.size[0]
        return run_layer(self.layer, inputs[0])[first - offset : end - offset]


def _without_padding(layer):
    """The layer itself, or one of its weights that does not pad."""
    if layer.padding == "valid":
        return layer
    copy = type(layer).from_config({**layer.get_config(), "padding": "valid"})
    copy.build(layer.input.shape)
    copy.set_weights(layer.get_weights())
    return copy
