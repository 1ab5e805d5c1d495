"""Telling whether images are the ones of last time."""

import hashlib
import os

import numpy as np

from crd_keras.data.image_files import map_with_progress
from crd_keras.data.loader import loader_name
from crd_keras.data.source import Images


def fingerprint(images: Images) -> str:
    """16 hexadecimal digits that change when the images do.

    Of images in files, names, sizes and times of change count, which is quick. The
    name of what loads them counts too: it may take a half of each.

    Args:
        images: The images.
    """
    digest = hashlib.sha256(loader_name(images.load).encode())
    for record in images.records:
        if isinstance(record, str):
            status = os.stat(record)
            record = f"{os.path.basename(record)} {status.st_size} {status.st_mtime_ns}"
        digest.update(record.encode() if isinstance(record, str) else bytes(record))
    return digest.hexdigest()[:16]


def content_fingerprint(images: Images) -> str:
    """16 hexadecimal digits that change when the records of images do.

    Of images in files, the contents and their order count: copies in another folder
    have the same fingerprint.

    Args:
        images: The images.

    Raises:
        OSError: If a file cannot be read.
    """
    digests = map_with_progress(_digest, images.records, "Comparing images")
    return hashlib.sha256(b"".join(digests)).hexdigest()[:16]


def _digest(record: str | bytes | np.ndarray) -> bytes:
    if isinstance(record, str):
        with open(record, "rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    return hashlib.sha256(bytes(record)).digest()
