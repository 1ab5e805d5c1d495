"""Gradients and training steps on PyTorch.

Several devices are several processes, each with a copy of the model, that `torchrun`
starts. All read the same batches and each takes its part. `DistributedDataParallel`
averages the gradients of one `backward`; a step here has three losses, whose gradients
are averaged where they are applied.
"""

import contextlib
import os

import keras
import torch
from torch import distributed

from crd_keras.backend.device_count import check_device_count


def value_and_grad(function, variables):
    loss, auxiliary = function()
    gradients = torch.autograd.grad(
        loss,
        [v.value for v in variables],
        allow_unused=True,
        materialize_grads=True,
    )
    return (loss.detach(), auxiliary), list(gradients)


def with_dependencies(tensors, inputs):
    return inputs


def apply_gradients(optimizer, gradients, variables):
    optimizer.apply(_averaged(gradients), variables)


def _averaged(tensors):
    """Their means over the processes, by one message."""
    count = replica_count()
    if count == 1:
        return tensors
    flat = torch.cat([tensor.detach().reshape(-1) for tensor in tensors])
    distributed.all_reduce(flat)
    parts = torch.split(flat / count, [tensor.numel() for tensor in tensors])
    return [part.view_as(x) for part, x in zip(parts, tensors, strict=True)]


def custom_gradient(function):
    def for_keras(*tensors):
        result, backward = function(*tensors)
        # Keras passes the tensors, too.
        return result, lambda *tensors, upstream: backward(upstream)

    return keras.ops.custom_gradient(for_keras)


def no_gradient():
    return torch.no_grad()


def replicate(tensor, count):
    return [tensor] * count


def use_intra_op_threads(count):
    """Nothing: one operation runs after the other, and each needs all threads."""


def default_jit_compile():
    return False


def in_float64(function, *tensors):
    device = tensors[0].device
    # Apple's GPUs have no float64.
    place = "cpu" if device.type == "mps" else device
    result = function(*(tensor.to(place, torch.float64) for tensor in tensors))
    return result.to(device, torch.float32)


def loop_block_size():
    # Fewer at once cost more starts of operations, more no longer fit a CPU's cache.
    return 4


def compiled(function):
    return function


def devices(count):
    processes = int(os.environ.get("WORLD_SIZE", 1))
    on_gpus = torch.cuda.is_available()
    if processes == 1:
        check_device_count(count, max(torch.cuda.device_count(), 1))
    if count != processes:
        raise ValueError(
            "`devices` on PyTorch must be the number of processes that torchrun "
            f"started: run `torchrun --nproc-per-node={count} PROGRAM.py`. "
            f"Received: devices={count} in {processes} process(es)"
        )
    if processes > 1 and not distributed.is_initialized():
        if on_gpus:
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        distributed.init_process_group("nccl" if on_gpus else "gloo")
    return contextlib.nullcontext()


def process_index():
    return distributed.get_rank() if distributed.is_initialized() else 0


def process_count():
    return replica_count()


def replica_count():
    return distributed.get_world_size() if distributed.is_initialized() else 1


def gather_batch(tensor):
    count = replica_count()
    if count == 1:
        return tensor
    parts = [torch.empty_like(tensor) for _ in range(count)]
    distributed.all_gather(parts, tensor.contiguous())
    return torch.cat(parts)


def own_part(tensor):
    count = replica_count()
    if count == 1:
        return tensor
    if len(tensor) % count:
        raise ValueError(
            f"`batch_size` must be divisible by the {count} devices. "
            f"Received: a batch of {len(tensor)}"
        )
    return torch.chunk(tensor, count)[distributed.get_rank()]


def mean_of_replicas(values):
    if replica_count() == 1:
        return values
    means = _averaged([torch.as_tensor(value) for value in values.values()])
    return dict(zip(values, means, strict=True))


def undo_loss_scale(loss):
    return loss


def synchronize(variables):
    if replica_count() > 1:
        for variable in variables:
            distributed.broadcast(variable.value.data, src=0)


def check_profile_viewer():
    pass  # A browser opens the traces, at ui.perfetto.dev.


def start_profile(directory):
    write = torch.profiler.tensorboard_trace_handler(str(directory))
    profile = torch.profiler.profile(on_trace_ready=write)
    profile.start()
    return profile.stop


class StepMixin:
    def building_scope(self):
        """Context in which variables of this model are made."""
        return contextlib.nullcontext()

    def training_scope(self):
        """Context in which `fit` runs."""
        return contextlib.nullcontext()

    def _symbolic_build(self, iterator=None, data_batch=None):
        # `fit` shows nowhere else what it takes its batches from.
        self.epoch_iterator = iterator
        super()._symbolic_build(iterator=iterator, data_batch=data_batch)

    def train_step(self, data):
        return self.update(keras.tree.map_structure(own_part, data))

    def test_step(self, data):
        return self.batch_losses(keras.tree.map_structure(own_part, data))

    def with_check(self, train_function, check):
        """A train function that lets a function look at its logs."""

        def checked(data):
            logs = train_function(data)
            check(logs)
            return logs

        return checked

    def forget_functions(self):
        """Has the next `fit` or `evaluate` build its step anew."""
        self.train_function = None
        self.test_function = None
