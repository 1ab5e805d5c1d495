import os
import shutil

import numpy as np
import pytest

from crd_keras.data import Images, decoding, folder_images
from crd_keras.data.decoding import decode_left_half, decode_right_half
from crd_keras.metrics.fingerprint import content_fingerprint, fingerprint
from tests.data.image_folders import write_folders

pytestmark = pytest.mark.any_backend


def test_of_arrays_and_encoded_images():
    pictures = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), np.uint8)
    one = fingerprint(Images(pictures))
    assert one == fingerprint(Images(pictures.copy())) and len(one) == 16
    assert one != fingerprint(Images(pictures[:2]))
    assert one != fingerprint(Images(pictures[::-1]))
    encoded = np.array([b"one\0", b"two"], dtype=object)
    assert fingerprint(Images(encoded)) == fingerprint(Images(encoded.copy()))


def test_of_files(tmp_path):
    folder = write_folders(tmp_path) / "trainA"
    one = fingerprint(folder_images(folder))
    assert one == fingerprint(folder_images(folder))
    os.utime(folder / "0.jpg", ns=(1, 1))
    changed = fingerprint(folder_images(folder))
    assert changed != one
    (folder / "0.jpg").unlink()
    assert fingerprint(folder_images(folder)) not in (one, changed)


def test_of_contents(tmp_path):
    folder = write_folders(tmp_path) / "trainA"
    one = content_fingerprint(folder_images(folder))
    copy = shutil.copytree(folder, tmp_path / "copy", copy_function=shutil.copyfile)
    os.utime(copy / "0.jpg", ns=(1, 1))
    assert content_fingerprint(folder_images(copy)) == one
    (copy / "0.jpg").write_bytes((copy / "1.jpg").read_bytes())
    changed = content_fingerprint(folder_images(copy))
    assert changed != one
    (copy / "0.jpg").unlink()
    assert content_fingerprint(folder_images(copy)) not in (one, changed)


def test_of_halves_of_the_same_pictures():
    records = np.array([b"one", b"two"], dtype=object)
    left, right = (
        Images(records, load) for load in (decode_left_half, decode_right_half)
    )
    assert fingerprint(left) != fingerprint(right)
    assert content_fingerprint(left) == content_fingerprint(right)


@pytest.mark.parametrize(
    ("loader", "expected"),
    [
        ("decode_rgb", "10bfd5b00aa4fd97"),
        ("decode_left_half", "5932cbee1c691b7f"),
        ("decode_right_half", "efc051010e5e0af8"),
        ("read_rgb", "94fa5fdb8c068e49"),
        ("read_left_half", "6a3a334695622b8a"),
        ("read_right_half", "67eae4a5dca4918d"),
    ],
)
def test_as_in_version_0_1_0(loader, expected, tmp_path):
    """Wherever the loaders are now: statistics that are kept by it stay valid."""
    load = getattr(decoding, loader)
    records = np.array([b"image"], dtype=object)
    if loader.startswith("read"):
        path = tmp_path / "a.png"
        path.write_bytes(b"image")
        os.utime(path, ns=(1_700_000_000_000_000_000,) * 2)
        records = np.array([str(path)])
    assert fingerprint(Images(records, load)) == expected


def test_of_arrays_as_in_version_0_1_0():
    images = Images(np.arange(12, dtype="uint8").reshape(1, 2, 2, 3))
    assert fingerprint(images) == "9e835cace2e59ee3"
