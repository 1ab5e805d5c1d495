"""The Inception network whose features FID and KID compare."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import KerasTensor

from crd_keras.models.float32_channels_last import float32_channels_last
from crd_keras.models.seeds import SeededNormal, seed_stream


def fid_inception(seed: int | None = None, name: str = "fid_inception") -> keras.Model:
    """Inception-v3 of December 2015 as far as its last pooling, frozen.

    This is the network of the first FID program, in the form that pytorch-fid gave it.
    It is not `keras.applications.InceptionV3`: its weights are others, its average
    pools leave the padding out of the mean, its last block has a maximum pool where the
    published architecture has an average pool, and its batch normalisations have a
    scale. It computes in float32, and its images are `channels_last`, whatever Keras'
    settings.

    Its weights are random (He normal). `crd_keras.interop.load_pytorch_fid` gives it
    those that FID is defined by. Layers are named as in pytorch-fid's file, with `-` in
    place of `.`.

    Args:
        seed: Integer, for weights that are the same in each call and on
            each backend, or `None` for others in each call.
        name: String, name of the model.

    Returns:
        A functional `keras.Model`, not trainable: RGB images `(batch, height, width,
        3)` in `[-1, 1]` in, features `(batch, 2048)`, not negative, out. FID is
        defined for images of 299x299; other sizes from 75x75 work.

    Example:

    ```python
    network = crd_keras.models.fid_inception()
    crd_keras.interop.load_pytorch_fid(network)
    features = network(images)  # (batch, 2048)
    ```

    References:

    - [Rethinking the Inception Architecture for Computer Vision](
      https://arxiv.org/abs/1512.00567), arXiv:1512.00567
    - [GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash
      Equilibrium](
      https://arxiv.org/abs/1706.08500), arXiv:1706.08500
    - [pytorch-fid](https://github.com/mseitzer/pytorch-fid)
    """
    with float32_channels_last():
        inputs = keras.Input((None, None, 3), name="images", dtype="float32")
        model = keras.Model(inputs, _Layers(seed).network(inputs), name=name)
    model.trainable = False
    return model


class _Layers:
    """Puts the network together. `at` is where a layer stands in pytorch-fid's file."""

    def __init__(self, seed: int | None):
        self._seeds = seed_stream(seed)

    def network(self, x):
        x = self.conv(x, 32, 3, "Conv2d_1a_3x3", strides=2, padding="valid")
        x = self.conv(x, 32, 3, "Conv2d_2a_3x3", padding="valid")
        x = self.conv(x, 64, 3, "Conv2d_2b_3x3")
        x = self.halving_pool(x)
        x = self.conv(x, 80, 1, "Conv2d_3b_1x1")
        x = self.conv(x, 192, 3, "Conv2d_4a_3x3", padding="valid")
        x = self.halving_pool(x)
        x = self.block_a(x, 32, "Mixed_5b")
        x = self.block_a(x, 64, "Mixed_5c")
        x = self.block_a(x, 64, "Mixed_5d")
        x = self.block_b(x, "Mixed_6a")
        x = self.block_c(x, 128, "Mixed_6b")
        x = self.block_c(x, 160, "Mixed_6c")
        x = self.block_c(x, 160, "Mixed_6d")
        x = self.block_c(x, 192, "Mixed_6e")
        x = self.block_d(x, "Mixed_7a")
        x = self.block_e(x, "Mixed_7b", self.average_pool)
        x = self.block_e(x, "Mixed_7c", self.max_pool)
        return keras.layers.GlobalAveragePooling2D(name="features")(x)

    def block_a(self, x: KerasTensor, pool_filters: int, at: str) -> KerasTensor:
        one = self.conv(x, 64, 1, f"{at}.branch1x1")
        five = self.conv(x, 48, 1, f"{at}.branch5x5_1")
        five = self.conv(five, 64, 5, f"{at}.branch5x5_2")
        double = self.conv(x, 64, 1, f"{at}.branch3x3dbl_1")
        double = self.conv(double, 96, 3, f"{at}.branch3x3dbl_2")
        double = self.conv(double, 96, 3, f"{at}.branch3x3dbl_3")
        pool = self.conv(self.average_pool(x), pool_filters, 1, f"{at}.branch_pool")
        return self.join([one, five, double, pool])

    def block_b(self, x: KerasTensor, at: str) -> KerasTensor:
        halving: dict[str, Any] = {"strides": 2, "padding": "valid"}
        three = self.conv(x, 384, 3, f"{at}.branch3x3", **halving)
        double = self.conv(x, 64, 1, f"{at}.branch3x3dbl_1")
        double = self.conv(double, 96, 3, f"{at}.branch3x3dbl_2")
        double = self.conv(double, 96, 3, f"{at}.branch3x3dbl_3", **halving)
        return self.join([three, double, self.halving_pool(x)])

    def block_c(self, x: KerasTensor, filters: int, at: str) -> KerasTensor:
        one = self.conv(x, 192, 1, f"{at}.branch1x1")
        seven = self.conv(x, filters, 1, f"{at}.branch7x7_1")
        seven = self.conv(seven, filters, (1, 7), f"{at}.branch7x7_2")
        seven = self.conv(seven, 192, (7, 1), f"{at}.branch7x7_3")
        double = self.conv(x, filters, 1, f"{at}.branch7x7dbl_1")
        double = self.conv(double, filters, (7, 1), f"{at}.branch7x7dbl_2")
        double = self.conv(double, filters, (1, 7), f"{at}.branch7x7dbl_3")
        double = self.conv(double, filters, (7, 1), f"{at}.branch7x7dbl_4")
        double = self.conv(double, 192, (1, 7), f"{at}.branch7x7dbl_5")
        pool = self.conv(self.average_pool(x), 192, 1, f"{at}.branch_pool")
        return self.join([one, seven, double, pool])

    def block_d(self, x: KerasTensor, at: str) -> KerasTensor:
        halving: dict[str, Any] = {"strides": 2, "padding": "valid"}
        three = self.conv(x, 192, 1, f"{at}.branch3x3_1")
        three = self.conv(three, 320, 3, f"{at}.branch3x3_2", **halving)
        seven = self.conv(x, 192, 1, f"{at}.branch7x7x3_1")
        seven = self.conv(seven, 192, (1, 7), f"{at}.branch7x7x3_2")
        seven = self.conv(seven, 192, (7, 1), f"{at}.branch7x7x3_3")
        seven = self.conv(seven, 192, 3, f"{at}.branch7x7x3_4", **halving)
        return self.join([three, seven, self.halving_pool(x)])

    def block_e(self, x: KerasTensor, at: str, pooling: Callable) -> KerasTensor:
        one = self.conv(x, 320, 1, f"{at}.branch1x1")
        three = self.conv(x, 384, 1, f"{at}.branch3x3_1")
        wide = self.conv(three, 384, (1, 3), f"{at}.branch3x3_2a")
        tall = self.conv(three, 384, (3, 1), f"{at}.branch3x3_2b")
        double = self.conv(x, 448, 1, f"{at}.branch3x3dbl_1")
        double = self.conv(double, 384, 3, f"{at}.branch3x3dbl_2")
        double_wide = self.conv(double, 384, (1, 3), f"{at}.branch3x3dbl_3a")
        double_tall = self.conv(double, 384, (3, 1), f"{at}.branch3x3dbl_3b")
        pool = self.conv(pooling(x), 192, 1, f"{at}.branch_pool")
        return self.join([one, wide, tall, double_wide, double_tall, pool])

    def conv(
        self,
        x: KerasTensor,
        filters: int,
        kernel_size: int | tuple[int, int],
        at: str,
        strides: int = 1,
        padding: str = "same",
    ) -> KerasTensor:
        """Convolution, batch normalisation, ReLU."""
        height, width = np.broadcast_to(kernel_size, 2)
        fan_in = int(height * width * x.shape[-1])
        # Keras' "same" is PyTorch's padding here: kernels are odd and strides 1.
        x = keras.layers.Conv2D(
            filters,
            kernel_size,
            strides=strides,
            padding=padding,
            use_bias=False,
            kernel_initializer=SeededNormal(
                stddev=float(np.sqrt(2 / fan_in)), seed=next(self._seeds)
            ),
            name=_layer_name(f"{at}.conv"),
        )(x)
        x = keras.layers.BatchNormalization(
            epsilon=0.001, name=_layer_name(f"{at}.bn")
        )(x)
        return keras.layers.Activation("relu")(x)

    def halving_pool(self, x: KerasTensor) -> KerasTensor:
        return keras.layers.MaxPooling2D(3, strides=2)(x)

    def max_pool(self, x: KerasTensor) -> KerasTensor:
        return keras.layers.MaxPooling2D(3, strides=1, padding="same")(x)

    def average_pool(self, x: KerasTensor) -> KerasTensor:
        # "same" leaves the padding out of the mean on each backend.
        return keras.layers.AveragePooling2D(3, strides=1, padding="same")(x)

    def join(self, branches: list) -> KerasTensor:
        return keras.layers.Concatenate()(branches)


def _layer_name(module: str) -> str:
    # On PyTorch, Keras' layers cannot have a "." in their names.
    return module.replace(".", "-")
