import itertools

import keras
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter
from scipy import ndimage

from crd_keras.losses import ContentRelationLoss
from crd_keras.losses.angles import angle_loss
from crd_keras.losses.squared_distances import squared_distances
from tests.gradients import value_and_gradient
from tests.losses.relation_reference import relation_gradient, relation_terms

CONTENTS = ("row", "column", "patch")


def noise(shape, seed):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype("float32")


def smooth(shape, seed):
    images = ndimage.gaussian_filter(
        np.random.default_rng(seed).normal(size=shape), (0, 3, 3, 0)
    )
    return (images / np.abs(images).max()).astype("float32")


def half_white(shape, seed, axis):
    """Noise whose second half of rows (axis 1) or of columns (axis 2) is white."""
    images = noise(shape, seed)
    half = images.shape[axis] // 2
    images.swapaxes(0, axis)[half:] = 1
    return images


def reference_terms(teacher, student, patch_size):
    """The mean terms of a batch, in float64."""
    terms = {}
    for content in CONTENTS:
        values = [
            relation_terms(t, s, content, patch_size)
            for t, s in zip(teacher, student, strict=True)
        ]
        distance, angle = np.mean(values, axis=0)
        terms |= {f"{content}_distance": distance, f"{content}_angle": angle}
    return terms


def reference_loss(teacher, student, patch_size):
    """The loss with the default weights, in float64."""
    terms = reference_terms(teacher, student, patch_size)
    return sum(
        value * (2 if name.endswith("angle") else 1) for name, value in terms.items()
    )


def numbers(terms):
    return {name: float(value) for name, value in terms.items()}


@pytest.mark.parametrize("make", [noise, smooth])
@pytest.mark.parametrize("batch", [1, 3])
def test_every_term_against_the_definition(make, batch):
    shape = (batch, 32, 48, 3)
    teacher, student = make(shape, 0), make(shape, 1)
    loss, terms = ContentRelationLoss(patch_size=16).value_and_terms(teacher, student)
    expected = reference_terms(teacher, student, 16)
    assert numbers(terms) == pytest.approx(expected, rel=1e-5)
    assert float(loss) == pytest.approx(reference_loss(teacher, student, 16), rel=1e-5)


@pytest.mark.parametrize("teacher_axis, student_axis", [(1, 1), (1, 2), (2, 1)])
def test_half_white_images_against_the_definition(teacher_axis, student_axis):
    shape = (1, 32, 48, 3)
    teacher = half_white(shape, 0, teacher_axis)
    student = half_white(shape, 1, student_axis)
    _, terms = ContentRelationLoss(patch_size=16).value_and_terms(teacher, student)
    expected = reference_terms(teacher, student, patch_size=16)
    assert numbers(terms) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    "count, block_size", [(10, None), (10, 1), (10, 4), (10, 64), (130, None)]
)
def test_any_block_size_gives_the_same_angles(count, block_size):
    # Of 64 contents and more, equal angles are left out, and TensorFlow has XLA compile
    # the rest.
    shape = (2, count, 12)
    teacher, student = noise(shape, 0), noise(shape, 1)

    def loss(contents):
        teacher_squared = squared_distances(teacher)
        values = angle_loss(teacher_squared, squared_distances(contents), block_size)
        return keras.ops.sum(values)

    def reference(student):
        # Contents are the rows of images one pixel wide.
        contents = zip(teacher[:, :, None], student[:, :, None], strict=True)
        return sum(relation_terms(t, s, "row", 1)[1] for t, s in contents)

    value, gradient = value_and_gradient(loss, student)
    assert value == pytest.approx(reference(student), rel=1e-5)
    direction = np.random.default_rng(2).normal(size=student.shape)
    step = 1e-5 * direction
    ahead, behind = reference(student + step), reference(student - step)
    derivative = (ahead - behind) / 2e-5
    assert np.sum(gradient * direction) == pytest.approx(derivative, rel=1e-3)


def drawing(offset):
    """Shapes on white, of one colour and shaded, many rows and patches the same."""
    ramp = Image.linear_gradient("L").resize((20, 14))
    picture = Image.new("RGB", (48, 32), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((4 + offset, 9, 15 + offset, 24), fill=(200, 60, 30))
    draw.ellipse((22, 3 + offset, 40, 21 + offset), fill=(40, 90, 220))
    picture.paste(Image.merge("RGB", (ramp, ramp, ramp)), (20 - offset, 14))
    return picture


def as_image(picture):
    return np.float32(picture) / np.float32(127.5) - 1


def speck(image, size):
    """One pixel differs a little: a row and a patch of white nearly repeat."""
    image = image.copy()
    image[2, 3] -= np.float32(size)
    return image


PICTURE, OTHER = as_image(drawing(0)), as_image(drawing(3))
BLURRED = as_image(drawing(0).filter(ImageFilter.GaussianBlur(1)))
SMOOTH = ndimage.gaussian_filter(np.float64(PICTURE), (1, 1, 0)).astype("float32")
NEARLY_REPEATING = {
    "another picture": (PICTURE, OTHER),
    "a blurred copy": (PICTURE, BLURRED),
    "a sharp copy": (BLURRED, PICTURE),
    "a blurred copy with more than 256 levels": (PICTURE, SMOOTH),
    "a grey level in one pixel": (PICTURE, speck(OTHER, 2 / 255)),
    "a tenth of a grey level": (speck(PICTURE, 0.01), speck(OTHER, 0.1 * 2 / 255)),
    "noise": (PICTURE, PICTURE + np.float32(1e-4) * noise(PICTURE.shape, 0)),
}


@pytest.mark.parametrize("content", CONTENTS)
def test_contents_that_nearly_repeat(content):
    teachers, students = map(np.stack, zip(*NEARLY_REPEATING.values(), strict=True))
    loss = ContentRelationLoss(content, patch_size=8, reduction="sum")
    known = {
        k: x.compute(keras.ops.convert_to_tensor(teachers))
        for k, x in loss.teacher_terms().items()
    }
    terms = loss.terms(teachers, students, **known)
    _, gradients = value_and_gradient(lambda x: loss(teachers, x), students)
    for i, (name, (teacher, student)) in enumerate(NEARLY_REPEATING.items()):
        distance, angle = relation_terms(teacher, student, content, 8)
        if distance > 1e-6:  # float32 has no more digits of a difference of distances.
            assert float(terms[f"{content}_distance"][i]) == pytest.approx(
                distance, rel=1e-4
            ), name
        assert float(terms[f"{content}_angle"][i]) == pytest.approx(angle, rel=1e-4), (
            name
        )
        expected = relation_gradient(teacher, student, content, 8)
        error = np.linalg.norm(gradients[i] - expected)
        assert error < 1e-4 * np.linalg.norm(expected), name


@pytest.mark.parametrize("content", CONTENTS)
def test_contents_as_near_as_float32_lets_them_be(content):
    # Blurred in float32, rows of the ground differ by what is left of a shape far away.
    # The frame keeps the first row, column and patch from being near to any other.
    picture = Image.new("RGB", (64, 64), "white")
    picture.paste(drawing(0), (8, 16))
    frame = ImageDraw.Draw(picture)
    for corner in ((64, 2), (2, 64), (8, 8)):
        frame.rectangle((0, 0, *corner), fill="black")
    teacher = as_image(picture)
    student = ndimage.gaussian_filter(np.float64(teacher), (1.5, 1.5, 0))
    student = student.astype("float32")
    loss = ContentRelationLoss(content, patch_size=8)
    value, gradient = value_and_gradient(
        lambda x: loss(teacher[None], x), student[None]
    )
    distance, angle = relation_terms(teacher, student, content, 8)
    assert value == pytest.approx(distance + 2 * angle, rel=1e-5)
    expected = relation_gradient(teacher, student, content, 8)
    error = np.linalg.norm(gradient[0] - expected)
    assert error < 1e-5 * np.linalg.norm(expected)


def test_channels_first():
    teacher, student = noise((1, 32, 48, 3), 0), noise((1, 32, 48, 3), 1)
    expected = ContentRelationLoss(patch_size=16)(teacher, student)
    loss = ContentRelationLoss(patch_size=16, data_format="channels_first")
    result = loss(teacher.transpose(0, 3, 1, 2), student.transpose(0, 3, 1, 2))
    assert float(result) == pytest.approx(float(expected), rel=1e-6)


@pytest.mark.parametrize(
    "teacher, student",
    [
        (noise((2, 12, 16, 3), 0), noise((2, 12, 16, 3), 1)),
        (smooth((2, 12, 16, 3), 0), smooth((2, 12, 16, 3), 1)),
        (noise((2, 12, 16, 3), 0), 3 * noise((2, 12, 16, 3), 1) + 1),
        (half_white((2, 12, 16, 3), 0, 1), noise((2, 12, 16, 3), 1)),
    ],
    ids=["noise", "smooth", "large", "half white teacher"],
)
def test_gradient_against_finite_differences(teacher, student):
    loss = ContentRelationLoss(patch_size=4)
    value, gradient = value_and_gradient(lambda x: loss(teacher, x), student)
    assert value == pytest.approx(reference_loss(teacher, student, 4), rel=1e-5)

    rng = np.random.default_rng(2)
    directions = [rng.normal(size=student.shape) for _ in range(3)]
    for _ in range(3):
        pixel = np.zeros(student.shape)
        pixel[tuple(rng.integers(student.shape))] = 1
        directions.append(pixel)
    for direction in directions:
        step = 1e-5 * direction
        ahead, behind = (
            reference_loss(teacher, np.float64(student) + sign * step, 4)
            for sign in (1, -1)
        )
        expected = (ahead - behind) / 2e-5
        result = np.sum(gradient * direction)
        # Relative to a derivative of the usual size: a single one may be close to 0.
        usual = (
            np.linalg.norm(gradient) * np.linalg.norm(direction) / gradient.size**0.5
        )
        assert result == pytest.approx(expected, rel=1e-3, abs=1e-3 * usual)


def steepest_possible(student, patch_size):
    """A bound on the gradient with respect to one content, from the definition.

    With N contents, mean distance mu, and derivatives of the Huber loss of at most 1:
    content m is in 2 N of N^2 distances, each of derivative 1 / mu, and mu itself
    moves as much again: 4 / (N mu). The angle between two legs turns by at most 1 / d
    for a leg of length d; content m is a leg in 2 N^2 of N^3 angles and in N^2 the
    vertex, the end of two: 4 / (N d). Legs that are rounding have no angle.
    """
    bounds = {}
    _, height, width, channels = student.shape
    tiles = student.reshape(
        -1, height // patch_size, patch_size, width // patch_size, patch_size, channels
    )
    contents = {
        "row": student.reshape(-1, height, width * channels),
        "column": student.swapaxes(1, 2).reshape(-1, width, height * channels),
        "patch": tiles.swapaxes(2, 3).reshape(
            len(student), -1, patch_size * patch_size * channels
        ),
    }
    for name, x in contents.items():
        x = np.float64(x)
        distances = np.linalg.norm(x[:, :, None] - x[:, None], axis=-1)
        count = x.shape[1]
        mu = distances.sum(axis=(1, 2)).min() / (count * (count - 1))
        legs = distances[distances > 0.9e-6 * np.abs(x).max() * x.shape[1] ** 0.5]
        bounds[name] = 0.0
        if legs.size:
            bounds[name] = 4 / (count * mu) + 2 * 4 / (count * legs.min())
    return bounds


WHITE = np.ones((1, 32, 48, 3), "float32")
NOISE = noise(WHITE.shape, 0)
ONE_COLUMN = np.arange(48)[None, None, :, None] == 7
IMAGES = {
    "noise": NOISE,
    "white": WHITE,
    "nearly white": WHITE - np.float32(1e-4) * np.abs(noise(WHITE.shape, 1)),
    "a column is a grey level darker": WHITE - np.float32(2 / 255) * ONE_COLUMN,
    "lower half white": half_white(WHITE.shape, 0, 1),
    "right half white": half_white(WHITE.shape, 1, 2),
}


def test_repeated_contents_have_finite_losses_and_bounded_gradients():
    # All pairs of images in one batch: each is compared by itself.
    pairs = list(itertools.product(IMAGES, IMAGES))
    teachers = np.concatenate([IMAGES[teacher] for teacher, _ in pairs])
    students = np.concatenate([IMAGES[student] for _, student in pairs])
    loss = ContentRelationLoss(patch_size=16, reduction="sum")
    value, gradients = value_and_gradient(lambda x: loss(teachers, x), students)
    assert np.isfinite(value)
    for pair, gradient in zip(pairs, gradients, strict=True):
        assert np.all(np.isfinite(gradient)), pair
        bounds = steepest_possible(IMAGES[pair[1]], 16)
        # All N contents at once: at most sqrt(N) times the gradient of one.
        counts = {"row": 32, "column": 48, "patch": 6}
        bound = sum(bounds[content] * counts[content] ** 0.5 for content in CONTENTS)
        assert np.linalg.norm(gradient) <= 1.001 * bound, pair


def test_white_halves_are_no_steeper_than_noise():
    shape = WHITE.shape
    loss = ContentRelationLoss(patch_size=16, reduction="sum")
    teachers, students = [noise(shape, 0)], [noise(shape, 1)]
    for teacher, student in itertools.product((1, 2), (1, 2)):
        teachers.append(half_white(shape, 2, teacher))
        students.append(half_white(shape, 3, student))
    teachers, students = np.concatenate(teachers), np.concatenate(students)
    _, gradients = value_and_gradient(lambda x: loss(teachers, x), students)
    usual, *white = np.linalg.norm(gradients.reshape(len(students), -1), axis=1)
    assert max(white) < 10 * usual


def test_identical_images():
    images = np.concatenate([WHITE, NOISE, IMAGES["right half white"]])
    value, terms = ContentRelationLoss(patch_size=16).value_and_terms(images, images)
    assert abs(float(value)) < 1e-9
    assert numbers(terms) == pytest.approx(dict.fromkeys(terms, 0), abs=1e-9)


def test_a_white_student_stands_still():
    loss = ContentRelationLoss(patch_size=16)
    value, gradient = value_and_gradient(lambda x: loss(NOISE, x), WHITE)
    assert value > 1
    assert not gradient.any()


def test_no_gradient_to_the_teacher():
    loss = ContentRelationLoss(patch_size=16)
    student = noise(WHITE.shape, 1)
    for function in (loss, lambda t, s: loss.value_and_terms(t, s)[0]):
        # The second part keeps the value connected to the teacher.
        _, gradient = value_and_gradient(
            lambda x, f=function: f(x, student) + keras.ops.sum(x), NOISE
        )
        np.testing.assert_array_equal(gradient, np.ones_like(NOISE))


def test_a_single_content_has_no_relations():
    loss = ContentRelationLoss("patch", patch_size=16)
    value, gradient = value_and_gradient(
        lambda x: loss(noise((2, 16, 16, 3), 0), x), noise((2, 16, 16, 3), 1)
    )
    assert value == 0
    assert not gradient.any()


def test_each_image_by_itself():
    shape = (1, 32, 48, 3)
    teacher = np.concatenate([noise((2, 32, 48, 3), 0), smooth(shape, 0)])
    student = np.concatenate([smooth((2, 32, 48, 3), 1), half_white(shape, 1, 1)])
    mean = ContentRelationLoss(patch_size=16)
    total = ContentRelationLoss(patch_size=16, reduction="sum")
    alone = [float(mean(teacher[i : i + 1], student[i : i + 1])) for i in range(3)]
    assert float(mean(teacher, student)) == pytest.approx(np.mean(alone), rel=1e-6)
    assert float(total(teacher, student)) == pytest.approx(np.sum(alone), rel=1e-6)
    value, terms = total.value_and_terms(teacher, student)
    assert float(value) == pytest.approx(np.sum(alone), rel=1e-6)
    _, expected = mean.value_and_terms(teacher, student)
    assert numbers(terms) == pytest.approx(numbers(expected), rel=1e-6)


def test_weights_and_contents():
    teacher, student = noise(WHITE.shape, 0), noise(WHITE.shape, 1)
    loss = ContentRelationLoss(
        ["patch", "row"], patch_size=16, distance_weight=3.0, angle_weight=0.5
    )
    value, terms = loss.value_and_terms(teacher, student)
    terms = numbers(terms)
    names = ["patch_distance", "patch_angle", "row_distance", "row_angle"]
    assert list(terms) == names
    expected = np.dot([3, 0.5, 3, 0.5], [terms[name] for name in names])
    assert float(value) == pytest.approx(expected, rel=1e-6)


def test_config_round_trip():
    loss = ContentRelationLoss(
        ("column", "patch"), 16, 3.0, 0.5, "channels_first", "sum", "relations"
    )
    config = keras.saving.serialize_keras_object(loss)
    restored = keras.saving.deserialize_keras_object(config)
    assert type(restored) is ContentRelationLoss
    assert restored.get_config() == loss.get_config()
    teacher, student = noise((1, 3, 32, 48), 0), noise((1, 3, 32, 48), 1)
    assert float(restored(teacher, student)) == float(loss(teacher, student))


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"contents": ("row", "pixel")}, "`contents` must.*'pixel'"),
        ({"contents": ("row", "row")}, "`contents` must.*Received.*'row', 'row'"),
        ({"contents": ()}, r"`contents` must.*Received: contents=\(\)"),
        ({"patch_size": 0}, "`patch_size` must.*Received: 0"),
        ({"reduction": None}, "`reduction` must.*Received: reduction=None"),
        ({"data_format": "NHWC"}, "`data_format` must.*data_format='NHWC'"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message) as error:
        ContentRelationLoss(**arguments)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "teacher, student, message",
    [
        ((1, 32, 48, 3), (1, 32, 48, 3), "`patch_size` must divide.*patch_size=32.*48"),
        ((1, 32, 32, 3), (1, 32, 64, 3), "same shape.*32, 32, 3.*32, 64, 3"),
        ((1, 32, 32, 3), (3, 32, 32, 3), "same shape.*1, 32, 32, 3.*3, 32, 32, 3"),
        ((32, 32, 3), (32, 32, 3), "batches of images.*32, 32, 3"),
    ],
)
def test_bad_images_are_refused(teacher, student, message):
    with pytest.raises(ValueError, match=message) as error:
        ContentRelationLoss(patch_size=32)(np.ones(teacher), np.ones(student))
    assert "\n" not in str(error.value)
