"""SavedModels in TensorFlow, by their signature."""

import pathlib

import numpy as np

from crd_keras.data.tensorflow_import import import_tensorflow
from crd_keras.export.runtimes.tensors import only_tensor


class SavedModel:
    """See `ExportedModel`."""

    def __init__(self, path: pathlib.Path, threads: int):
        tf = import_tensorflow()
        try:
            tf.config.threading.set_intra_op_parallelism_threads(threads)
        except RuntimeError:
            # TensorFlow has run already.
            pass
        self.runtime = f"TensorFlow {tf.__version__}"
        # The function lives as long as what was loaded.
        self._loaded = tf.saved_model.load(str(path))
        self._function = self._loaded.signatures["serving_default"]
        inputs = self._function.structured_input_signature[1]
        self._name, specification = only_tensor(list(inputs.items()), "input")
        only_tensor(list(self._function.structured_outputs), "output")
        self.input_shape = tuple(specification.shape)
        self.dtype = specification.dtype.name
        self._tensor = tf.constant

    def __call__(self, images: np.ndarray) -> np.ndarray:
        (translated,) = self._function(**{self._name: self._tensor(images)}).values()
        return translated.numpy()
