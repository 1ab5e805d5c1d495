"""Operations on images that Keras has in a slower form.

All take and return logical `(batch, H, W, C)` for `data_format="channels_last"` and
`(batch, C, H, W)` for `"channels_first"`:

- `conv(inputs, kernel, bias, strides, padding, dilation_rate, data_format)` and
  `depthwise_conv(...)`: as in `keras.ops`, with a bias `(filters,)` or `None`;
- `reflection_pad(inputs, padding, data_format)`: mirrors images at their borders;
- `normalize_images(inputs, epsilon, data_format)`: float32 in and out, each channel of
  each image to mean 0 and variance 1.
"""

import keras

if keras.backend.backend() == "torch":
    from crd_keras.backend.torch_images import (
        conv,
        depthwise_conv,
        normalize_images,
        reflection_pad,
    )
else:
    from crd_keras.backend.keras_images import (
        conv,
        depthwise_conv,
        normalize_images,
        reflection_pad,
    )

__all__ = ["conv", "depthwise_conv", "normalize_images", "reflection_pad"]
