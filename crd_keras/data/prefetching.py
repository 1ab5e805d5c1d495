"""The last step of a tf.data pipeline."""

from typing import Any

from crd_keras.data.tensorflow_import import import_tensorflow


def prefetch(dataset: Any) -> Any:
    """Makes batches ahead of time, and lets go of the data set at once at its end.

    tf.data tunes its number of threads and its buffers while it runs, in a thread that
    sleeps for ever longer. An iterator that is deleted waits for it: 10 to 20 seconds
    between two epochs of half a minute, in which nothing is computed. So there is no
    tuning here. Images come as fast without it (docs/benchmarks.md).

    Args:
        dataset: A `tf.data.Dataset` of batches.
    """
    options = import_tensorflow().data.Options()
    options.autotune.enabled = False
    return dataset.prefetch(2).with_options(options)
