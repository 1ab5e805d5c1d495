import gzip
import importlib.util
import json

import keras
import pytest

from crd_keras.callbacks import Profile
from tests import tiny


@pytest.fixture
def viewer(monkeypatch):
    """As if xprof were installed, which writing a trace does not take."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: True)


def names(directory):
    """Names of what a trace holds, from the backend's own format."""
    if keras.backend.backend() == "tensorflow":
        from tensorflow.tsl.profiler.protobuf import xplane_pb2

        (file,) = directory.rglob("*.xplane.pb")
        space = xplane_pb2.XSpace.FromString(file.read_bytes())
        return {
            plane.event_metadata[event.metadata_id].name
            for plane in space.planes
            for line in plane.lines
            for event in line.events
        }
    if keras.backend.backend() == "jax":
        (file,) = directory.rglob("*.trace.json.gz")
        trace = json.loads(gzip.decompress(file.read_bytes()))
    else:
        (file,) = directory.glob("*.pt.trace.json")
        trace = json.loads(file.read_text())
    return {event.get("name", "") for event in trace["traceEvents"]}


def test_the_trace_holds_the_operations_of_the_steps(tmp_path, viewer):
    trainer = tiny.trainer(paired=True)
    directory = tmp_path / "profile"
    trainer.fit(
        tiny.images(6, seed=0),
        tiny.images(6, seed=1),
        batch_size=2,
        verbose=0,
        callbacks=[Profile(directory, first_step=1, steps=1)],
    )
    found = names(directory)
    for part in ("conv", "tanh"):
        assert any(part in name.lower() for name in found), part


def test_a_training_that_is_too_short(tmp_path, viewer):
    profile = Profile(tmp_path / "profile", first_step=2)
    profile.on_train_begin()
    for step in range(2):
        profile.on_train_batch_begin(step)
        profile.on_train_batch_end(step)
    with pytest.warns(UserWarning, match="ended after 2 steps, before `first_step`"):
        profile.on_train_end()
    assert not (tmp_path / "profile").exists()


@pytest.mark.parametrize("arguments", [{"first_step": -1}, {"steps": 0}])
def test_bad_arguments(tmp_path, viewer, arguments):
    (name,) = arguments
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received"):
        Profile(tmp_path, **arguments)


def test_missing_viewer(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    if keras.backend.backend() == "tensorflow":
        with pytest.raises(ImportError, match="`pip install xprof`"):
            Profile(tmp_path)
    else:
        # A browser is enough.
        assert Profile(tmp_path).steps == 3
