"""Trains on one device and on two, in a process that has two; writes what came out.

`test_devices.py` starts it: devices have to be made before a backend is used. On
PyTorch it is started twice, by torchrun, as each device has its own process.
"""

import json
import os
import pathlib
import sys

backend, folder = os.environ["KERAS_BACKEND"], pathlib.Path(sys.argv[1])
if backend == "jax":
    flags = os.environ.get("XLA_FLAGS", "")
    os.environ["XLA_FLAGS"] = f"{flags} --xla_force_host_platform_device_count=2"
if backend == "tensorflow":
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(
        cpu, [tf.config.LogicalDeviceConfiguration()] * 2
    )

import keras  # noqa: E402
import numpy as np  # noqa: E402

from crd_keras import CRDTrainer, losses, translate, use_devices  # noqa: E402
from crd_keras.backend import process_index  # noqa: E402
from tests import tiny  # noqa: E402

SOURCE, TARGET = tiny.images(6, seed=0), tiny.images(6, seed=1)


class StepLogs(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.logs = []

    def on_train_batch_end(self, batch, logs=None):
        self.logs.append({name: float(value) for name, value in logs.items()})


def adam():
    # Biases before an instance normalisation have a gradient of 0 but for rounding. A
    # larger epsilon keeps Adam from making steps of that.
    return keras.optimizers.Adam(2e-4, beta_1=0.5, epsilon=1e-3)


def trainer():
    result = CRDTrainer(
        # Past fakes come back from the second step on.
        tiny.teacher(pool_size=2),
        tiny.generator(4, seed=5),
        {
            "relation": losses.ContentRelationLoss("row", reduction="sum"),
            "mean": keras.losses.MeanAbsoluteError(),
            "sum": keras.losses.MeanAbsoluteError(reduction="sum"),
        },
        discriminator_regime="updating",
    )
    result.compile(adam(), adam(), adam())
    result.build((None, tiny.SIZE, tiny.SIZE, 3))
    return result


def three_steps(trainer):
    logs = StepLogs()
    arguments = {"batch_size": 2, "shuffle": False, "verbose": 0}
    trainer.fit(SOURCE, TARGET, callbacks=[logs], **arguments)
    return logs.logs


def values(trainer):
    return [v.numpy() for v in (*trainer.variables, *trainer.optimizer.variables)]


def largest_difference(variables, others):
    pairs = zip(variables, others, strict=True)
    return max(
        float(np.max(np.abs(a.numpy() - b.numpy()), initial=0)) for a, b in pairs
    )


def largest_value(variables):
    return max(float(np.max(np.abs(v.numpy()), initial=0)) for v in variables)


def main():
    one = trainer()
    one_logs = three_steps(one)
    scope = use_devices(2)
    with scope:
        two = trainer()
    result = {"one": one_logs, "two": three_steps(two)}
    # Of all weights and past fakes.
    result["difference"] = largest_difference(one.variables, two.variables)
    states = one.optimizer.variables, two.optimizer.variables
    result["state_difference"] = largest_difference(*states) / largest_value(states[0])
    result["images"] = translate(two.student, SOURCE).shape

    one_path, two_path = (
        str(folder / f"{name}-{process_index()}.weights.h5") for name in ("one", "two")
    )
    one.save_weights(one_path)
    two.save_weights(two_path)
    expected = values(one), values(two)
    one.load_weights(two_path)
    two.load_weights(one_path)
    received = values(two), values(one)
    result["interchangeable"] = all(
        a.tobytes() == b.tobytes()
        for before, after in zip(expected, received, strict=True)
        for a, b in zip(before, after, strict=True)
    )
    try:
        use_devices(3)
    except ValueError as error:
        result["error"] = str(error)
    (folder / f"{process_index()}.json").write_text(json.dumps(result))


main()
