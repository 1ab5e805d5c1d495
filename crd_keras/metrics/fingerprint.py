"""Telling whether images are the ones of last time."""

import hashlib
import os

from crd_keras.data.loader_name import loader_name
from crd_keras.data.source import Images


def fingerprint(images: Images) -> str:
    """16 hexadecimal digits that change when the images do.

    Of images in files, the names, sizes and times of modification count. The name of
    the function that loads them counts too: it may take a half of each.

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
