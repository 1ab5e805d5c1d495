import json
import shutil
import zipfile

import keras
import numpy as np
import pytest

from crd_keras.models import (
    PictureRecord,
    read_picture_record,
    write_picture_record,
)
from tests import tiny

# Keras loads the file on each backend.
RECORD = PictureRecord((96, 160), "crop", (1, 3))


def test_a_copy_of_the_file_has_it_and_keras_loads_it(tmp_path):
    network = tiny.generator(2, seed=0)
    network.save(tmp_path / "a.keras")
    assert read_picture_record(tmp_path / "a.keras") is None
    write_picture_record(tmp_path / "a.keras", PictureRecord((8, 8)))
    write_picture_record(tmp_path / "a.keras", RECORD)
    shutil.copy(tmp_path / "a.keras", tmp_path / "b.keras")
    assert read_picture_record(tmp_path / "b.keras") == RECORD
    loaded = keras.saving.load_model(tmp_path / "b.keras")
    for ours, theirs in zip(network.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    with zipfile.ZipFile(tmp_path / "b.keras") as archive:
        assert len(archive.namelist()) == 3  # No file that Keras would look into.
        assert "keras_version" in json.loads(archive.read("metadata.json"))


def test_a_damaged_record(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.keras", "w") as archive:
        archive.writestr(
            "metadata.json", json.dumps({"crd_keras": {"framing": "crop"}})
        )
    with pytest.raises(ValueError, match="a.keras: the record .* must have their size"):
        read_picture_record(tmp_path / "a.keras")
    for content in ({"framing": "fit"}, {"image_size": [4]}, {"channels": [0, 3]}):
        values = json.loads(RECORD.to_json()) | content
        with pytest.raises(ValueError, match="must have their size"):
            PictureRecord.from_json(json.dumps(values))
