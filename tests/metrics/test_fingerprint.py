import os
import shutil

import numpy as np

from crd_keras.data import Images, folder_images
from crd_keras.data.decoding import decode_left_half, decode_right_half
from crd_keras.metrics.fingerprint import content_fingerprint, fingerprint
from tests.data.image_folders import write_folders


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
    copy = shutil.copytree(folder, tmp_path / "copy", copy_function=shutil.copyfile)
    os.utime(copy / "0.jpg", ns=(1, 1))
    assert fingerprint(folder_images(copy)) == one
    (copy / "0.jpg").write_bytes((copy / "1.jpg").read_bytes())
    changed = fingerprint(folder_images(copy))
    assert changed != one
    (copy / "0.jpg").unlink()
    assert fingerprint(folder_images(copy)) not in (one, changed)


def test_of_halves_of_the_same_pictures():
    records = np.array([b"one", b"two"], dtype=object)
    left, right = (
        Images(records, load) for load in (decode_left_half, decode_right_half)
    )
    assert fingerprint(left) != fingerprint(right)
    assert content_fingerprint(left) == content_fingerprint(right)
