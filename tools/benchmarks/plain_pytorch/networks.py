"""The networks of the paper."""

from torch import Tensor, nn

# Filters of VGG-16's convolutions in each block, as far as relu4_3.
_VGG_BLOCKS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512))


class Residual(nn.Module):
    def __init__(self, *layers: nn.Module):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
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


def generator(filters: int, blocks: int, mobile: bool = True) -> nn.Module:
    """The ResNet generator, images `(batch, 3, H, W)` in [-1, 1] in and out."""
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


def discriminator(filters: int, layers: int = 3, norm: str = "instance") -> nn.Module:
    """The PatchGAN, images `(batch, 3, H, W)` to one number per patch."""
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


class VGG16Features(nn.Module):
    """VGG-16 with random weights: relu1_2, relu2_2, relu3_3, relu4_3.

    Args:
        blocks: How many blocks of convolutions, 1 to 4.
    """

    def __init__(self, blocks: int = 4):
        super().__init__()
        self.blocks = nn.ModuleList()
        channels = 3
        for block in range(blocks):
            layers = [nn.MaxPool2d(2)] if block else []
            for filters in _VGG_BLOCKS[block]:
                layers += [nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU()]
                channels = filters
            self.blocks.append(nn.Sequential(*layers))

    def forward(self, images: Tensor) -> list[Tensor]:
        """Of images `(batch, 3, H, W)` in [-1, 1]."""
        x, features = (images + 1) / 2, []
        for block in self.blocks:
            x = block(x)
            features.append(x)
        return features
