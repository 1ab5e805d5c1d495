import sys

import keras
import pytest

from crd_keras.data.tensorflow_import import (
    import_keras_cv,
    import_tensorflow,
    import_tensorflow_datasets,
)


def test_gpus_are_hidden_where_tensorflow_only_feeds(monkeypatch):
    calls = []
    config = import_tensorflow().config
    monkeypatch.setattr(config, "set_visible_devices", lambda *args: calls.append(args))
    import_tensorflow()
    only_feeds = keras.backend.backend() != "tensorflow"
    assert calls == [([], "GPU")] * only_feeds


@pytest.mark.parametrize(
    "module, function, extra",
    [
        ("tensorflow", import_tensorflow, r"crd_keras\[data,tensorflow-cpu\]"),
        ("tensorflow_datasets", import_tensorflow_datasets, r"crd_keras\[data\]"),
        ("keras_cv", import_keras_cv, r"crd_keras\[augmentation\]"),
    ],
)
def test_missing_packages(monkeypatch, module, function, extra):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=f"`pip install .{extra}.`. Received: "):
        function()
