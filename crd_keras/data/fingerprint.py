"""Telling whether images are the ones of last time."""

import hashlib
import os

from crd_keras.data.source import Images


def fingerprint(images: Images) -> str:
    """16 hexadecimal digits that change when the images do.

    Of images in files, the names, sizes and times of modification count.

    Args:
        images: The images.
    """
    digest = hashlib.sha256()
    for record in images.records:
        if isinstance(record, str):
            status = os.stat(record)
            record = f"{os.path.basename(record)} {status.st_size} {status.st_mtime_ns}"
        digest.update(record.encode() if isinstance(record, str) else bytes(record))
    return digest.hexdigest()[:16]
