"""The published networks in PyTorch, to compare outputs with."""

import keras
import numpy as np
import torch
from torch import nn


class Residual(nn.Module):
    def __init__(self, *layers: nn.Module):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.layers(x)


def _conv_block(channels: int) -> list[nn.Module]:
    return [
        nn.ReflectionPad2d(1),
        nn.Conv2d(channels, channels, 3),
        nn.InstanceNorm2d(channels),
    ]


def _separable_block(channels: int) -> list[nn.Module]:
    return [
        nn.ReflectionPad2d(1),
        nn.Conv2d(channels, channels, 3, groups=channels),
        nn.InstanceNorm2d(channels),
        nn.Conv2d(channels, channels, 1),
        nn.InstanceNorm2d(channels),
    ]


def torch_generator(filters: int, blocks: int, mobile: bool) -> nn.Module:
    half = _separable_block if mobile else _conv_block
    layers = [
        nn.ReflectionPad2d(3),
        nn.Conv2d(3, filters, 7),
        nn.InstanceNorm2d(filters),
        nn.ReLU(),
    ]
    for channels in (filters, 2 * filters):
        layers += [
            nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1),
            nn.InstanceNorm2d(2 * channels),
            nn.ReLU(),
        ]
    for _ in range(blocks):
        layers.append(Residual(*half(4 * filters), nn.ReLU(), *half(4 * filters)))
    for channels in (4 * filters, 2 * filters):
        layers += [
            nn.ConvTranspose2d(
                channels, channels // 2, 3, stride=2, padding=1, output_padding=1
            ),
            nn.InstanceNorm2d(channels // 2),
            nn.ReLU(),
        ]
    layers += [nn.ReflectionPad2d(3), nn.Conv2d(filters, 3, 7), nn.Tanh()]
    return nn.Sequential(*layers)


def torch_discriminator(filters: int, layers: int, norm: str) -> nn.Module:
    batch = norm == "batch"
    modules = [nn.Conv2d(3, filters, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
    channels = filters
    for layer in range(1, layers + 1):
        before, channels = channels, filters * min(2**layer, 8)
        stride = 2 if layer < layers else 1
        modules += [
            nn.Conv2d(before, channels, 4, stride, padding=1, bias=not batch),
            nn.BatchNorm2d(channels) if batch else nn.InstanceNorm2d(channels),
            nn.LeakyReLU(0.2),
        ]
    modules.append(nn.Conv2d(channels, 1, 4, padding=1))
    return nn.Sequential(*modules)


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
