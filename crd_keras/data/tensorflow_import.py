"""The only place of the data code that imports TensorFlow, and not before it must."""

from types import ModuleType

import keras


def import_tensorflow() -> ModuleType:
    """Imports TensorFlow, which reads data for any backend.

    Where it only feeds another backend it is kept away from the GPUs, whose memory it
    would take.

    Raises:
        ImportError: If TensorFlow is not installed.
    """
    try:
        import tensorflow as tf
    except ImportError as error:
        raise ImportError(
            "tf.data, TensorFlow Datasets and keras-cv need TensorFlow: "
            f'`pip install "crd_keras[data,tensorflow-cpu]"`. Received: {error}'
        ) from error
    if keras.backend.backend() != "tensorflow":
        try:
            tf.config.set_visible_devices([], "GPU")
        except RuntimeError:
            # The process has already used TensorFlow, with the devices it wanted.
            pass
    return tf


def import_tensorflow_datasets() -> ModuleType:
    """Imports TensorFlow Datasets.

    Raises:
        ImportError: If it, or TensorFlow, is not installed.
    """
    import_tensorflow()
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise ImportError(
            "Data by name need TensorFlow Datasets: "
            f'`pip install "crd_keras[data]"`. Received: {error}'
        ) from error
    return tfds


def import_keras_cv() -> ModuleType:
    """Imports keras-cv, which augments images.

    Raises:
        ImportError: If it, or TensorFlow, is not installed.
    """
    import_tensorflow()
    try:
        import keras_cv
    except ImportError as error:
        raise ImportError(
            "More augmentation needs keras-cv: "
            f'`pip install "crd_keras[augmentation]"`. Received: {error}'
        ) from error
    return keras_cv
