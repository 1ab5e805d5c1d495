"""Gradients and training steps on PyTorch."""

import torch


def value_and_grad(function, variables):
    loss, auxiliary = function()
    gradients = torch.autograd.grad(
        loss,
        [v.value for v in variables],
        allow_unused=True,
        materialize_grads=True,
    )
    return (loss.detach(), auxiliary), list(gradients)


def apply_gradients(optimizer, gradients, variables):
    optimizer.apply(gradients, variables)


def no_gradient():
    return torch.no_grad()


def fan_out(tensor, count):
    return [tensor] * count


def default_jit_compile():
    return False


def loop_block_size():
    # Fewer at once cost more starts of operations, more no longer fit a CPU's cache.
    return 4


def compiled(function):
    return function


class StepMixin:
    def train_step(self, data):
        return self.update(data)

    def test_step(self, data):
        return self.evaluation(data)

    def forget_functions(self):
        """Has the next `fit` or `evaluate` build its step anew."""
        self.train_function = None
        self.test_function = None
