"""Training on several devices."""

from contextlib import AbstractContextManager

from crd_keras import backend


def use_devices(count: int) -> AbstractContextManager:
    """Context in which to make and compile a trainer that trains on several devices.

    Each device holds all weights and takes its part of every batch, which is cut into
    equal parts: `batch_size` is that of all devices together and must be divisible by
    `count`. The step is that of the whole batch on one device: gradients are the means
    over it, past fakes are drawn from one pool, and no learning rate changes. What is
    saved can be loaded with another number of devices.

    JAX divides one program (`keras.distribution.DataParallel`), so that batch
    normalisation sees the whole batch. TensorFlow (`tf.distribute.MirroredStrategy`)
    and PyTorch take the step side by side, with batch statistics of each device's part.
    PyTorch needs one process per device, started by `torchrun`.

    Args:
        count: Number of devices: GPUs, or CPUs where there is no GPU. For processes on
            several hosts, those of all hosts together.

    Raises:
        ValueError: If there are not so many devices, or (PyTorch) not so many
            processes.

    Example:

    ```python
    with crd_keras.use_devices(2):
        trainer = crd_keras.CRDTrainer(teacher(), student())
        trainer.compile()
    trainer.fit(pairs, epochs=200)
    ```
    """
    return backend.devices(count)
