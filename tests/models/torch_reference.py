"""PyTorch networks to compare with: how weights get there, and images through.

The networks: tools/benchmarks/plain_pytorch/networks.py.
"""

import keras
import numpy as np
import torch
from torch import nn


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


def run_torch(
    module: nn.Module, images: np.ndarray, training: bool = False
) -> np.ndarray:
    """Images in, output out, both `(batch, height, width, channels)`."""
    with torch.no_grad(), torch.device("cpu"):
        x = torch.from_numpy(images.transpose(0, 3, 1, 2).copy())
        return module.train(training)(x).numpy().transpose(0, 2, 3, 1)


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
