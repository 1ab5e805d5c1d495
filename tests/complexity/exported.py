"""Writes a network and its exported forms; run with KERAS_BACKEND=tensorflow.

python tests/complexity/exported.py FOLDER
"""

import pathlib
import sys

import keras
import numpy as np
import tensorflow as tf

from crd_keras import models

SIZE = 16


def main(folder: pathlib.Path) -> None:
    model = models.mobile_resnet_generator(filters=2, blocks=1)
    # Of a trained network no two weights are the same, and no bias is 0.
    rng = np.random.default_rng(0)
    model.set_weights([rng.uniform(0.1, 1, w.shape) for w in model.get_weights()])
    model(np.zeros((1, SIZE, SIZE, 3)))  # Keras exports no model that was never used.
    model.save(folder / "model.keras")
    model.export(folder / "open.onnx", format="onnx", verbose=False)
    spec = tf.TensorSpec((1, SIZE, SIZE, 3))
    function = tf.function(model.call, input_signature=[spec])
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [function.get_concrete_function()]
    )
    (folder / "fixed.tflite").write_bytes(converter.convert())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    (folder / "half.tflite").write_bytes(converter.convert())
    # With height and width left open.
    model.export(folder / "open.tflite", format="litert", verbose=False)


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    main(pathlib.Path(sys.argv[1]))
