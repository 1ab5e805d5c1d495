"""pytorch-fid's network in PyTorch, to compare features with.

Written from the published definition, with its names: a state dict of this module has
the layout of the published file.
"""

import functools

import numpy as np
import torch
from torch import nn
from torch.nn import functional


class Unit(nn.Module):
    """Convolution, batch normalisation, ReLU."""

    def __init__(self, channels: int, filters: int, kernel, stride=1, padding=0):
        super().__init__()
        self.conv = nn.Conv2d(
            channels, filters, kernel, stride=stride, padding=padding, bias=False
        )
        self.bn = nn.BatchNorm2d(filters, eps=0.001)

    def forward(self, x):
        return functional.relu(self.bn(self.conv(x)))


def average_pool(x):
    return functional.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)


def max_pool(x):
    return functional.max_pool2d(x, 3, stride=1, padding=1)


def halving_pool(x):
    return functional.max_pool2d(x, 3, stride=2)


class BlockA(nn.Module):
    def __init__(self, channels: int, pool_filters: int):
        super().__init__()
        self.branch1x1 = Unit(channels, 64, 1)
        self.branch5x5_1 = Unit(channels, 48, 1)
        self.branch5x5_2 = Unit(48, 64, 5, padding=2)
        self.branch3x3dbl_1 = Unit(channels, 64, 1)
        self.branch3x3dbl_2 = Unit(64, 96, 3, padding=1)
        self.branch3x3dbl_3 = Unit(96, 96, 3, padding=1)
        self.branch_pool = Unit(channels, pool_filters, 1)

    def forward(self, x):
        branches = [
            self.branch1x1(x),
            self.branch5x5_2(self.branch5x5_1(x)),
            self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x))),
            self.branch_pool(average_pool(x)),
        ]
        return torch.cat(branches, 1)


class BlockB(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.branch3x3 = Unit(channels, 384, 3, stride=2)
        self.branch3x3dbl_1 = Unit(channels, 64, 1)
        self.branch3x3dbl_2 = Unit(64, 96, 3, padding=1)
        self.branch3x3dbl_3 = Unit(96, 96, 3, stride=2)

    def forward(self, x):
        branches = [
            self.branch3x3(x),
            self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x))),
            halving_pool(x),
        ]
        return torch.cat(branches, 1)


class BlockC(nn.Module):
    def __init__(self, channels: int, inner: int):
        super().__init__()
        wide = {"kernel": (1, 7), "padding": (0, 3)}
        tall = {"kernel": (7, 1), "padding": (3, 0)}
        self.branch1x1 = Unit(channels, 192, 1)
        self.branch7x7_1 = Unit(channels, inner, 1)
        self.branch7x7_2 = Unit(inner, inner, **wide)
        self.branch7x7_3 = Unit(inner, 192, **tall)
        self.branch7x7dbl_1 = Unit(channels, inner, 1)
        self.branch7x7dbl_2 = Unit(inner, inner, **tall)
        self.branch7x7dbl_3 = Unit(inner, inner, **wide)
        self.branch7x7dbl_4 = Unit(inner, inner, **tall)
        self.branch7x7dbl_5 = Unit(inner, 192, **wide)
        self.branch_pool = Unit(channels, 192, 1)

    def forward(self, x):
        double = self.branch7x7dbl_3(self.branch7x7dbl_2(self.branch7x7dbl_1(x)))
        branches = [
            self.branch1x1(x),
            self.branch7x7_3(self.branch7x7_2(self.branch7x7_1(x))),
            self.branch7x7dbl_5(self.branch7x7dbl_4(double)),
            self.branch_pool(average_pool(x)),
        ]
        return torch.cat(branches, 1)


class BlockD(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.branch3x3_1 = Unit(channels, 192, 1)
        self.branch3x3_2 = Unit(192, 320, 3, stride=2)
        self.branch7x7x3_1 = Unit(channels, 192, 1)
        self.branch7x7x3_2 = Unit(192, 192, (1, 7), padding=(0, 3))
        self.branch7x7x3_3 = Unit(192, 192, (7, 1), padding=(3, 0))
        self.branch7x7x3_4 = Unit(192, 192, 3, stride=2)

    def forward(self, x):
        seven = self.branch7x7x3_3(self.branch7x7x3_2(self.branch7x7x3_1(x)))
        branches = [
            self.branch3x3_2(self.branch3x3_1(x)),
            self.branch7x7x3_4(seven),
            halving_pool(x),
        ]
        return torch.cat(branches, 1)


class BlockE(nn.Module):
    def __init__(self, channels: int, pooling):
        super().__init__()
        wide = {"kernel": (1, 3), "padding": (0, 1)}
        tall = {"kernel": (3, 1), "padding": (1, 0)}
        self.pooling = pooling
        self.branch1x1 = Unit(channels, 320, 1)
        self.branch3x3_1 = Unit(channels, 384, 1)
        self.branch3x3_2a = Unit(384, 384, **wide)
        self.branch3x3_2b = Unit(384, 384, **tall)
        self.branch3x3dbl_1 = Unit(channels, 448, 1)
        self.branch3x3dbl_2 = Unit(448, 384, 3, padding=1)
        self.branch3x3dbl_3a = Unit(384, 384, **wide)
        self.branch3x3dbl_3b = Unit(384, 384, **tall)
        self.branch_pool = Unit(channels, 192, 1)

    def forward(self, x):
        three = self.branch3x3_1(x)
        double = self.branch3x3dbl_2(self.branch3x3dbl_1(x))
        branches = [
            self.branch1x1(x),
            self.branch3x3_2a(three),
            self.branch3x3_2b(three),
            self.branch3x3dbl_3a(double),
            self.branch3x3dbl_3b(double),
            self.branch_pool(self.pooling(x)),
        ]
        return torch.cat(branches, 1)


class TorchInception(nn.Module):
    def __init__(self):
        super().__init__()
        self.Conv2d_1a_3x3 = Unit(3, 32, 3, stride=2)
        self.Conv2d_2a_3x3 = Unit(32, 32, 3)
        self.Conv2d_2b_3x3 = Unit(32, 64, 3, padding=1)
        self.Conv2d_3b_1x1 = Unit(64, 80, 1)
        self.Conv2d_4a_3x3 = Unit(80, 192, 3)
        self.Mixed_5b = BlockA(192, pool_filters=32)
        self.Mixed_5c = BlockA(256, pool_filters=64)
        self.Mixed_5d = BlockA(288, pool_filters=64)
        self.Mixed_6a = BlockB(288)
        self.Mixed_6b = BlockC(768, inner=128)
        self.Mixed_6c = BlockC(768, inner=160)
        self.Mixed_6d = BlockC(768, inner=160)
        self.Mixed_6e = BlockC(768, inner=192)
        self.Mixed_7a = BlockD(768)
        self.Mixed_7b = BlockE(1280, average_pool)
        self.Mixed_7c = BlockE(2048, max_pool)
        self.fc = nn.Linear(2048, 1008)

    def forward(self, x):
        x = self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(x)))
        x = self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(halving_pool(x)))
        x = self.Mixed_5d(self.Mixed_5c(self.Mixed_5b(halving_pool(x))))
        x = self.Mixed_6c(self.Mixed_6b(self.Mixed_6a(x)))
        x = self.Mixed_6e(self.Mixed_6d(x))
        x = self.Mixed_7c(self.Mixed_7b(self.Mixed_7a(x)))
        return x.mean(dim=(2, 3))


@functools.cache
def random_inception(seed: int = 0) -> TorchInception:
    """The network with random weights and statistics that are not trivial.

    Kernels are He normal, and the normalisations differ from channel to channel, so
    that a confused pair of weights or statistics would show. One seed is one network
    for all tests, which must not change it.
    """
    with torch.device("cpu"):
        network = TorchInception().eval()
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for module in network.modules():
                if isinstance(module, nn.Conv2d):
                    fan_in = module.weight[0].numel()
                    module.weight.normal_(0, (2 / fan_in) ** 0.5, generator=generator)
                elif isinstance(module, nn.BatchNorm2d):
                    module.weight.uniform_(0.7, 1.3, generator=generator)
                    module.bias.normal_(0, 0.1, generator=generator)
                    module.running_mean.normal_(0, 0.1, generator=generator)
                    module.running_var.uniform_(0.7, 1.3, generator=generator)
                    module.num_batches_tracked.fill_(1000)
    return network


def torch_features(network: TorchInception, images: np.ndarray) -> np.ndarray:
    """Images `(batch, height, width, 3)` in, features `(batch, 2048)` out."""
    with torch.no_grad(), torch.device("cpu"):
        x = torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
        return network(x).numpy()
