import pytest

from crd_keras.utils.framing import place_picture, shape_in

pytestmark = pytest.mark.any_backend


@pytest.mark.parametrize(
    ("framing", "picture", "part", "place"),
    [
        ("squash", (120, 160), (0, 0, 120, 160), (0, 0, 96, 160)),
        # 160 * 96 / 160 rows of 120, in the middle.
        ("crop", (120, 160), (12, 0, 96, 160), (0, 0, 96, 160)),
        ("crop", (100, 1000), (0, 416, 100, 167), (0, 0, 96, 160)),
        ("crop", (1, 1), (0, 0, 1, 1), (0, 0, 96, 160)),
        ("pad", (120, 160), (0, 0, 120, 160), (0, 16, 96, 128)),
        ("pad", (100, 1000), (0, 0, 100, 1000), (40, 0, 16, 160)),
        ("pad", (5000, 1), (0, 0, 5000, 1), (0, 79, 96, 1)),
        ("pad", (48, 80), (0, 0, 48, 80), (0, 0, 96, 160)),
    ],
)
def test_places(framing, picture, part, place):
    assert place_picture(framing, picture, (96, 160)) == (part, place)


def test_shape_in():
    assert shape_in((3000, 4000), (256, 256)) == (192, 256)
    assert shape_in((2, 3), (7, 7)) == (5, 7)  # 4.67 rows


def test_unknown_framing():
    with pytest.raises(ValueError, match="`framing` must be one of squash.*'fit'"):
        place_picture("fit", (2, 2), (2, 2))
