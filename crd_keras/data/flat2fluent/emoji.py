"""Which emoji there are, and which are test images: by their code points alone."""

import hashlib

# "As a picture": it changes nothing, and not all sets write it.
_VARIATION_SELECTOR = 0xFE0F

_SKIN_TONES = range(0x1F3FB, 0x1F3FF + 1)
# Flags of countries are two of these letters, those of regions end in tags.
_FLAG_LETTERS = range(0x1F1E6, 0x1F1FF + 1)
_TAGS = range(0xE0020, 0xE007F + 1)
_LEFT_OUT = (_SKIN_TONES, _FLAG_LETTERS, _TAGS)

# One in seven is a test image.
_TEST_MODULUS = 7


def emoji_name(stem: str) -> str:
    """The one name of an emoji that sets of emoji name in different ways.

    Args:
        stem: Code points in hexadecimal digits joined by `-`, such as
            `"0023-fe0f-20e3"`.

    Returns:
        The same without leading zeros and variation selectors: `"23-20e3"`.

    Raises:
        ValueError: If it is something else.
    """
    points = [int(point, 16) for point in stem.split("-")]
    return "-".join(f"{point:x}" for point in points if point != _VARIATION_SELECTOR)


def is_taken(name: str) -> bool:
    """Whether an emoji is part of the data: no flag and no variant in a skin tone."""
    points = [int(point, 16) for point in name.split("-")]
    return not any(point in group for point in points for group in _LEFT_OUT)


def split_of(name: str) -> str:
    """`"test"` or `"train"`: a fixed rule, whatever other emoji there are.

    It is `"test"` if the SHA-256 of the name, taken as a number, is divisible by 7.

    Args:
        name: What `emoji_name` returns.
    """
    digest = hashlib.sha256(name.encode()).digest()
    return "test" if int.from_bytes(digest) % _TEST_MODULUS == 0 else "train"
