"""Names and split of emoji, on code points of every kind."""

import pytest

from crd_keras.data.flat2fluent.emoji import emoji_name, is_taken, split_of

pytestmark = pytest.mark.any_backend


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("1f600", "1f600"),
        ("0023-fe0f-20e3", "23-20e3"),
        ("1F468-200D-2764-FE0F-200D-1F468", "1f468-200d-2764-200d-1f468"),
    ],
)
def test_one_name_for_each(stem, name):
    assert emoji_name(stem) == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("1f600", True),
        ("1f3f4", True),  # a black flag, of no country
        ("1f1e9-1f1ea", False),
        ("1f3f4-e0067-e0062-e007f", False),
        ("1f44b-1f3fd", False),
    ],
)
def test_flags_and_skin_tones_are_left_out(name, expected):
    assert is_taken(name) == expected


def test_split_never_changes():
    names = [f"{point:x}" for point in range(0x1F600, 0x1F650)]
    test = [name for name in names if split_of(name) == "test"]
    assert " ".join(test) == "1f602 1f603 1f606 1f610 1f611 1f62b 1f636 1f644 1f646"
    assert {split_of(name) for name in names} == {"train", "test"}
