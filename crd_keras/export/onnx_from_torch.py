"""ONNX of a network on the PyTorch backend."""

from typing import Any

import keras
import torch
from keras import KerasTensor

from crd_keras.export.inference_layers import (
    OneEpsilonInstanceNormalization,
    SubpixelConv2D,
)
from crd_keras.inference import find_multiple
from crd_keras.utils.errors import first_line

# Heights and widths that a file takes, if they are free, include all from this on. It
# only has to be larger than any padding.
_LEAST_SIZE = 32


class _InstanceNormalization(OneEpsilonInstanceNormalization):
    """As PyTorch's own function, which its exporter makes ONNX' operator of."""

    def normalize(self, images: KerasTensor, epsilon: Any) -> KerasTensor:
        x = torch.instance_norm(
            images.permute(0, 3, 1, 2),
            weight=None,
            bias=None,
            running_mean=None,
            running_var=None,
            use_input_stats=True,
            momentum=0,
            eps=epsilon,
            cudnn_enabled=False,
        )
        return x.permute(0, 2, 3, 1)


class _SubpixelConv2D(SubpixelConv2D):
    """With PyTorch's own function, which becomes ONNX' operator, too."""

    pixels_one_by_one = False

    def shuffle(self, images: KerasTensor) -> KerasTensor:
        x = torch.pixel_shuffle(images.permute(0, 3, 1, 2), self.strides[0])
        return x.permute(0, 2, 3, 1)


NORM_LAYER = _InstanceNormalization
"""What instance norms are to be, so that they become ONNX' operator."""
SUBPIXEL_LAYER = _SubpixelConv2D
"""Likewise convolutions that make several pixels at once."""


def convert(network: keras.Model, opset_version: int) -> Any:
    """Converts with `torch.onnx.export`.

    Args:
        network: What `inference_graph` gave.
        opset_version: Version of ONNX' operators.

    Returns:
        An `onnx.ModelProto` that makes `translated` of `images`.

    Raises:
        ValueError: If PyTorch cannot convert the network.
    """
    shape, free = _shape(network)
    (images,) = network.inputs
    network.eval()
    try:
        program = torch.onnx.export(
            network,
            (torch.zeros(shape, dtype=getattr(torch, images.dtype)),),
            input_names=["images"],
            output_names=["translated"],
            opset_version=opset_version,
            # A Keras model takes `*args`, here a tuple of one.
            dynamic_shapes=((free,),),
            dynamo=True,
            verbose=False,
        )
    except torch.onnx.OnnxExporterError as error:
        reason = first_line(error.__cause__ or error)
        raise ValueError(
            "`model` must be one that torch.onnx.export can convert. "
            f"Received: {network.name} ({reason})"
        ) from error
    assert program is not None  # With `dynamo`.
    return program.model_proto


def _shape(network):
    """Shape of an example of images, and what is free of it, as PyTorch wants it."""
    batch, height, width, channels = network.inputs[0].shape
    free = {0: torch.export.Dim.AUTO} if batch is None else {}
    shape = [batch or 2, height, width, channels]
    if height is None:
        # As multiples, what is computed of them comes out as whole numbers: the
        # paddings of a U-Net are the same for all sizes.
        multiple = find_multiple(network)
        least = -(-_LEAST_SIZE // multiple) + 1
        for axis, name in enumerate(("height", "width"), 1):
            free[axis] = multiple * torch.export.Dim(name, min=least)
            # No two are the same, which PyTorch would take for a rule.
            shape[axis] = multiple * (least + axis)
    return shape, free
