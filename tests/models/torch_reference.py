"""PyTorch networks to compare outputs with: the U-Net, and the way weights get there.

The other networks: tools/benchmarks/plain_pytorch/networks.py.
"""

import keras
import numpy as np
import torch
from torch import nn


class UNet(nn.Module):
    """Levels of (down, up), the outermost first; all but that one join both ways."""

    def __init__(self, filters: int, downs: int):
        super().__init__()
        channels = [3] + [filters * min(2**level, 8) for level in range(downs)]
        self.downs, self.ups = nn.ModuleList(), nn.ModuleList()
        for level in range(downs):
            is_outermost, is_innermost = level == 0, level == downs - 1
            before, after = channels[level], channels[level + 1]
            down = [nn.Conv2d(before, after, 4, stride=2, padding=1, bias=False)]
            if not is_outermost:
                down.insert(0, nn.LeakyReLU(0.2))
            if not is_outermost and not is_innermost:
                down.append(nn.BatchNorm2d(after))
            up = nn.ConvTranspose2d(
                after if is_innermost else 2 * after,
                before,
                4,
                stride=2,
                padding=1,
                bias=is_outermost,
            )
            last = nn.Tanh() if is_outermost else nn.BatchNorm2d(before)
            self.downs.append(nn.Sequential(*down))
            self.ups.insert(0, nn.Sequential(nn.ReLU(), up, last))

    def forward(self, x):
        skips = []
        for down in self.downs:
            x = down(x)
            skips.append(x)
        x = self.ups[0](skips.pop())
        for up in self.ups[1:]:
            x = up(torch.cat([skips.pop(), x], dim=1))
        return x


def copy_weights(model: keras.Model, module: nn.Module) -> None:
    """Copies a Keras model's weights into the PyTorch module of the same layers."""
    sources = iter(layer for layer in model.layers if layer.weights)
    for target in module.modules():
        if isinstance(target, (nn.Conv2d, nn.ConvTranspose2d)):
            kernel, *bias = next(sources).get_weights()
            depthwise = isinstance(target, nn.Conv2d) and target.groups > 1
            axes = (2, 3, 0, 1) if depthwise else (3, 2, 0, 1)
            arrays = {"weight": kernel.transpose(axes)}
            if bias:
                arrays["bias"] = bias[0]
        elif isinstance(target, nn.BatchNorm2d):
            names = ("weight", "bias", "running_mean", "running_var")
            arrays = dict(zip(names, next(sources).get_weights(), strict=True))
        else:
            continue
        for name, array in arrays.items():
            values = torch.from_numpy(np.ascontiguousarray(array))
            getattr(target, name).data.copy_(values)
    assert next(sources, None) is None


def run_torch(module: nn.Module, images: np.ndarray, training: bool) -> np.ndarray:
    """Images in, output out, both `(batch, height, width, channels)`."""
    with torch.no_grad(), torch.device("cpu"):
        x = torch.from_numpy(images.transpose(0, 3, 1, 2).copy())
        return module.train(training)(x).numpy().transpose(0, 2, 3, 1)
