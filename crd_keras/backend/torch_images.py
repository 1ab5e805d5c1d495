"""Operations on images on PyTorch.

PyTorch's images are `(batch, C, H, W)`. For channels last, Keras copies them to this
order and back in each convolution. Here they are only permuted, which copies nothing:
from the first convolution on they lie in memory as PyTorch wants them, whatever their
`data_format`.
"""

import torch
import torch.nn.functional as F
from keras import ops


def conv(inputs, kernel, bias, strides, padding, dilation_rate, data_format):
    # Keras' kernels are (height, width, channels, filters).
    weight = ops.convert_to_tensor(kernel).permute(3, 2, 0, 1).contiguous()
    return _conv(inputs, weight, bias, strides, padding, dilation_rate, data_format)


def depthwise_conv(inputs, kernel, bias, strides, padding, dilation_rate, data_format):
    # And here (height, width, channels, multiplier).
    weight = ops.convert_to_tensor(kernel).permute(2, 3, 0, 1).flatten(0, 1)
    weight = weight[:, None].contiguous()
    return _conv(inputs, weight, bias, strides, padding, dilation_rate, data_format)


def _conv(inputs, weight, bias, strides, padding, dilation_rate, data_format):
    x = _channels_first(inputs, data_format).contiguous()
    implicit_padding = (0, 0)
    if padding == "same":
        x, implicit_padding = _pad_same(x, weight.shape[2:], strides, dilation_rate)
    x = F.conv2d(
        x,
        weight,
        None if bias is None else ops.convert_to_tensor(bias),
        strides,
        implicit_padding,
        dilation_rate,
        groups=x.shape[1] // weight.shape[1],
    )
    return _as(x, data_format)


def _pad_same(x, kernel_size, strides, dilation_rate):
    """Pads with zeros as Keras does.

    Returns the padded images and the padding `(height, width)` that is left to the
    convolution: all of it if it is the same on both sides, else none.
    """
    paddings = []
    for size, kernel, stride, dilation in zip(
        x.shape[2:], kernel_size, strides, dilation_rate, strict=True
    ):
        steps = -(-size // stride) - 1
        total = max(0, steps * stride + (kernel - 1) * dilation + 1 - size)
        paddings.append((total // 2, total - total // 2))
    (top, bottom), (left, right) = paddings
    if top == bottom and left == right:
        return x, (top, left)
    return F.pad(x, (left, right, top, bottom)), (0, 0)


def reflection_pad(inputs, padding, data_format):
    x = _channels_first(inputs, data_format)
    return _as(F.pad(x, (padding,) * 4, mode="reflect"), data_format)


def normalize_images(inputs, epsilon, data_format):
    # A layer norm over height and width alone; PyTorch's own instance norm is slower.
    x = _channels_first(inputs, data_format)
    return _as(F.layer_norm(x, x.shape[2:], eps=epsilon), data_format)


def _channels_first(x, data_format):
    return x if data_format == "channels_first" else torch.permute(x, (0, 3, 1, 2))


def _as(x, data_format):
    return x if data_format == "channels_first" else torch.permute(x, (0, 2, 3, 1))
