import pytest

from crd_keras.utils.image_size import image_sides, image_size_text, parse_image_size

pytestmark = pytest.mark.any_backend


@pytest.mark.parametrize(
    ("text", "size"),
    [("64", 64), ("64x64", 64), ("96x160", (96, 160)), ("8X4", (8, 4))],
)
def test_sizes(text, size):
    assert parse_image_size(text) == size
    assert parse_image_size(image_size_text(size)) == size
    assert image_sides(size) == (size if isinstance(size, tuple) else (size, size))


@pytest.mark.parametrize("text", ["", "x", "0", "-4x4", "4x", "4x4x4", "4.5", "wide"])
def test_texts_that_are_none(text):
    with pytest.raises(ValueError, match=rf"`--size` must be a.*Received: {text}$"):
        parse_image_size(text, "--size")


@pytest.mark.parametrize("size", [0, (4,), (4, 0), (4, 4.0), (4, 4, 4), True])
def test_sizes_that_are_none(size):
    with pytest.raises(ValueError, match="`image_size` must be a positive"):
        image_sides(size)
