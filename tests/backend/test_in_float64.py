"""Functions computed in float64 on a backend that has float32 elsewhere."""

import keras
import numpy as np

from crd_keras import backend


def test_digits_that_float32_would_lose():
    x = np.array([[1.0, 2.0**-20]], "float32")
    tensor = keras.ops.convert_to_tensor(x)
    # 1 + 2^-40 is 1 in float32.
    result = backend.in_float64(
        lambda a, b: a @ keras.ops.transpose(b) - 1, tensor, tensor
    )
    assert keras.backend.standardize_dtype(result.dtype) == "float32"
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(result), [[2.0**-40]])
