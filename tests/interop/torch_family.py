"""The public PyTorch family of networks, with the names of its state dicts.

Written from the published definitions.
"""

import numpy as np
import torch
from torch import nn


class Wrapped(nn.Module):
    """A network whose layers are its attribute `model`, or `features`."""

    def __init__(self, layers: nn.Module, name: str = "model"):
        super().__init__()
        self.name = name
        setattr(self, name, layers)

    def forward(self, x):
        return getattr(self, self.name)(x)


class Block(nn.Module):
    """A residual block."""

    def __init__(self, channels: int, conv, dropout: bool):
        super().__init__()
        layers = []
        for half in (1, 2):
            layers += [nn.ReflectionPad2d(1), conv(channels), norm(channels)]
            if half == 1:
                layers += [nn.ReLU(True)] + [nn.Dropout(0.5)] * dropout
        self.conv_block = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.conv_block(x)


class Separable(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(channels, channels, 3, groups=channels),
            norm(channels),
            nn.Conv2d(channels, channels, 1),
        )

    def forward(self, x):
        return self.conv(x)


def norm(channels: int) -> nn.Module:
    return nn.InstanceNorm2d(channels)


def resnet(
    filters: int,
    blocks: int,
    mobile: bool = False,
    dropout: bool = False,
    channels: tuple[int, int] = (3, 3),
) -> nn.Module:
    """`ResnetGenerator`, or `MobileResnetGenerator`, which always has a dropout."""

    def conv(channels):
        return Separable(channels) if mobile else nn.Conv2d(channels, channels, 3)

    layers = [
        nn.ReflectionPad2d(3),
        nn.Conv2d(channels[0], filters, 7),
        norm(filters),
        nn.ReLU(True),
    ]
    for width in (filters, 2 * filters):
        layers += [
            nn.Conv2d(width, 2 * width, 3, stride=2, padding=1),
            norm(2 * width),
            nn.ReLU(True),
        ]
    layers += [Block(4 * filters, conv, dropout or mobile) for _ in range(blocks)]
    for width in (4 * filters, 2 * filters):
        layers += [
            nn.ConvTranspose2d(width, width // 2, 3, 2, padding=1, output_padding=1),
            norm(width // 2),
            nn.ReLU(True),
        ]
    layers += [nn.ReflectionPad2d(3), nn.Conv2d(filters, channels[1], 7), nn.Tanh()]
    return Wrapped(nn.Sequential(*layers))


class Level(nn.Module):
    """A level of a U-Net around the next one; in-place activations as published."""

    def __init__(self, outer: int, inner: int, channels: int, inside, outermost: bool):
        super().__init__()
        self.outermost = outermost
        down = nn.Conv2d(channels, inner, 4, 2, padding=1, bias=False)
        joined = inner if inside is None else 2 * inner
        up = nn.ConvTranspose2d(joined, outer, 4, 2, padding=1, bias=outermost)
        if outermost:
            layers = [down, inside, nn.ReLU(True), up, nn.Tanh()]
        elif inside is None:
            layers = [nn.LeakyReLU(0.2, True), down, nn.ReLU(True), up]
            layers += [nn.BatchNorm2d(outer)]
        else:
            layers = [nn.LeakyReLU(0.2, True), down, nn.BatchNorm2d(inner), inside]
            layers += [nn.ReLU(True), up, nn.BatchNorm2d(outer), nn.Dropout(0.5)]
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        if self.outermost:
            return self.model(x)
        return torch.cat([x, self.model(x)], 1)


def unet(filters: int, downs: int, channels: tuple[int, int] = (3, 3)) -> nn.Module:
    """`UnetGenerator`."""
    widths = [filters * min(2**level, 8) for level in range(downs)]
    inside = None
    for outer, inner in reversed(list(zip(widths, widths[1:], strict=False))):
        inside = Level(outer, inner, outer, inside, outermost=False)
    return Wrapped(Level(channels[1], filters, channels[0], inside, outermost=True))


def patchgan(filters: int, layers: int, batch_norm: bool, channels: int) -> nn.Module:
    """`NLayerDiscriminator`."""
    modules = [nn.Conv2d(channels, filters, 4, 2, padding=1), nn.LeakyReLU(0.2, True)]
    width = filters
    for layer in range(1, layers + 1):
        before, width = width, filters * min(2**layer, 8)
        stride = 2 if layer < layers else 1
        modules += [
            nn.Conv2d(before, width, 4, stride, padding=1, bias=not batch_norm),
            nn.BatchNorm2d(width) if batch_norm else norm(width),
            nn.LeakyReLU(0.2, True),
        ]
    modules += [nn.Conv2d(width, 1, 4, padding=1)]
    return Wrapped(nn.Sequential(*modules))


def vgg16() -> nn.Module:
    """The convolutions of torchvision's VGG-16."""
    layers, channels = [], 3
    for widths in ((64,) * 2, (128,) * 2, (256,) * 3, (512,) * 3, (512,) * 3):
        for width in widths:
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(True)]
            channels = width
        layers += [nn.MaxPool2d(2)]
    return Wrapped(nn.Sequential(*layers), name="features")


def randomised(network: nn.Module, seed: int = 0) -> nn.Module:
    """The network in eval mode, with weights and statistics that are not trivial."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
                fan_in = module.weight[0].numel()
                module.weight.normal_(0, (2 / fan_in) ** 0.5, generator=generator)
                if module.bias is not None:
                    module.bias.normal_(0, 0.1, generator=generator)
            elif isinstance(module, nn.BatchNorm2d):
                module.weight.uniform_(0.7, 1.3, generator=generator)
                module.bias.normal_(0, 0.1, generator=generator)
                module.running_mean.normal_(0, 0.1, generator=generator)
                module.running_var.uniform_(0.7, 1.3, generator=generator)
                module.num_batches_tracked.fill_(1000)
    return network.eval()


def run(network: nn.Module, images: np.ndarray) -> np.ndarray:
    """Images in, output out, both `(batch, height, width, channels)`."""
    with torch.no_grad(), torch.device("cpu"):
        x = torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
        return network(x).numpy().transpose(0, 2, 3, 1)
