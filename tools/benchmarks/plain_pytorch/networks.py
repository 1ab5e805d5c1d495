"""The networks of the paper, with the names of the published state dicts.

Written from the published definitions of the CycleGAN and Pix2Pix family. Images are
`(batch, channels, height, width)` in [-1, 1].
"""

import torch
from torch import Tensor, nn

# Filters of VGG-16's convolutions in each block.
_VGG_BLOCKS = ((64,) * 2, (128,) * 2, (256,) * 3, (512,) * 3, (512,) * 3)


def resnet_generator(
    filters: int,
    blocks: int,
    mobile: bool = False,
    dropout: bool = False,
    channels: tuple[int, int] = (3, 3),
) -> nn.Module:
    """`ResnetGenerator` or `MobileResnetGenerator`, images in and out.

    Args:
        filters: Channels of the first layer.
        blocks: Residual blocks.
        mobile: Whether the convolutions of the blocks are separable.
        dropout: Whether the blocks have dropout. The layer, which moves the names of
            those after it, is always there in the mobile one.
        channels: Of the images that go in and come out.
    """
    layers = [
        nn.ReflectionPad2d(3),
        nn.Conv2d(channels[0], filters, 7),
        nn.InstanceNorm2d(filters),
        nn.ReLU(),
    ]
    for width in (filters, 2 * filters):
        layers += [
            nn.Conv2d(width, 2 * width, 3, stride=2, padding=1),
            nn.InstanceNorm2d(2 * width),
            nn.ReLU(),
        ]
    layers += [_Residual(4 * filters, mobile, dropout) for _ in range(blocks)]
    for width in (4 * filters, 2 * filters):
        layers += [
            nn.ConvTranspose2d(width, width // 2, 3, 2, padding=1, output_padding=1),
            nn.InstanceNorm2d(width // 2),
            nn.ReLU(),
        ]
    layers += [nn.ReflectionPad2d(3), nn.Conv2d(filters, channels[1], 7), nn.Tanh()]
    return _Network(nn.Sequential(*layers))


def unet_generator(
    filters: int, downs: int, channels: tuple[int, int] = (3, 3)
) -> nn.Module:
    """`UnetGenerator` without dropout, whose layers have no weights and come last."""
    widths = [filters * min(2**level, 8) for level in range(downs)]
    inside = None
    for outer, inner in reversed(list(zip(widths, widths[1:], strict=False))):
        inside = _Level(outer, inner, outer, inside)
    return _Network(_Level(channels[1], filters, channels[0], inside, True))


def patch_discriminator(
    filters: int, layers: int = 3, norm: str = "instance", channels: int = 3
) -> nn.Module:
    """`NLayerDiscriminator`: images to one number per patch."""
    batch = norm == "batch"
    modules = [nn.Conv2d(channels, filters, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
    width = filters
    for layer in range(1, layers + 1):
        before, width = width, filters * min(2**layer, 8)
        stride = 2 if layer < layers else 1
        modules += [
            nn.Conv2d(before, width, 4, stride, padding=1, bias=not batch),
            nn.BatchNorm2d(width) if batch else nn.InstanceNorm2d(width),
            nn.LeakyReLU(0.2),
        ]
    modules.append(nn.Conv2d(width, 1, 4, padding=1))
    return _Network(nn.Sequential(*modules))


class VGG16Features(nn.Module):
    """The convolutions of torchvision's VGG-16, with random weights.

    Called with images it returns what each block gives before its pooling: relu1_2,
    relu2_2, relu3_3, relu4_3, ...

    Args:
        blocks: How many blocks of convolutions, 1 to 5.
    """

    def __init__(self, blocks: int = 4):
        super().__init__()
        layers, channels = [], 3
        for widths in _VGG_BLOCKS[:blocks]:
            for width in widths:
                layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
                channels = width
            layers.append(nn.MaxPool2d(2))
        # Nobody looks at the last pooling.
        self.features = nn.Sequential(*layers[:-1])

    def forward(self, images: Tensor) -> list[Tensor]:
        x, outputs = (images + 1) / 2, []
        for layer in self.features:
            if isinstance(layer, nn.MaxPool2d):
                outputs.append(x)
            x = layer(x)
        return [*outputs, x]


class _Network(nn.Module):
    """Has its layers under the name that the published networks give them."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    def forward(self, images: Tensor) -> Tensor:
        return self.model(images)


class _Residual(nn.Module):
    def __init__(self, channels: int, mobile: bool, dropout: bool):
        super().__init__()
        layers = []
        for half in (1, 2):
            layers += [
                nn.ReflectionPad2d(1),
                _Separable(channels) if mobile else nn.Conv2d(channels, channels, 3),
                nn.InstanceNorm2d(channels),
            ]
            if half == 1:
                layers.append(nn.ReLU())
                if mobile or dropout:
                    layers.append(nn.Dropout(0.5 if dropout else 0.0))
        self.conv_block = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv_block(x)


class _Separable(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(channels, channels, 3, groups=channels),
            nn.InstanceNorm2d(channels),
            nn.Conv2d(channels, channels, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class _Level(nn.Module):
    """A level of a U-Net around the next one, `None` in the innermost."""

    def __init__(
        self,
        outer: int,
        inner: int,
        channels: int,
        inside: nn.Module | None,
        is_outermost: bool = False,
    ):
        super().__init__()
        self.is_outermost = is_outermost
        joined = inner if inside is None else 2 * inner
        layers = [] if is_outermost else [nn.LeakyReLU(0.2)]
        layers.append(nn.Conv2d(channels, inner, 4, 2, padding=1, bias=False))
        if inside is not None:
            layers += [inside] if is_outermost else [nn.BatchNorm2d(inner), inside]
        up = nn.ConvTranspose2d(joined, outer, 4, 2, padding=1, bias=is_outermost)
        layers += [nn.ReLU(), up, nn.Tanh() if is_outermost else nn.BatchNorm2d(outer)]
        self.model = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        if self.is_outermost:
            return self.model(x)
        return torch.cat([x, self.model(x)], dim=1)
