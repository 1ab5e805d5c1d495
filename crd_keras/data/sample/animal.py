"""The animals of the built-in sample: one pose, drawn in a plain and a striped coat."""

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from crd_keras.data.sample.background import draw_background
from crd_keras.data.sample.pose import Limb, Pose, random_pose
from crd_keras.utils.image_size import ImageSize, image_sides

# Pillow draws hard edges, so each picture is drawn larger and averaged down.
SUPERSAMPLING = 4

# Stripe periods in body lengths. At 64x64, a period on the trunk is 4 to 6 pixels.
TORSO_PERIOD, HEAD_PERIOD, LEG_PERIOD = 0.135, 0.13, 0.135

PLAIN_COATS = (
    ((124, 78, 46), (46, 30, 22)),  # brown, dark mane
    ((158, 92, 50), (112, 60, 32)),  # chestnut
    ((196, 158, 108), (230, 210, 170)),  # tan, light mane
    ((190, 148, 96), (60, 44, 34)),  # tan, dark mane
    ((132, 130, 130), (70, 70, 74)),  # grey
    ((92, 62, 44), (30, 24, 22)),  # dark brown
)
STRIPED_COAT = ((240, 238, 230), (34, 30, 32), (34, 30, 32))
EYE_COLOUR = (24, 20, 20)

# The parts of the animal, as pixel values of one picture. Both coats are this
# picture in two palettes: in the plain one, stripes have the colour of the coat.
COAT, STRIPE, MANE, FAR_COAT, FAR_STRIPE, EYE = range(1, 7)


def draw_animal(
    index: int, seed: int = 0, image_size: ImageSize = 64
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draws one animal twice: in a plain coat and in a striped one.

    Pose, place and background are the same. The stripes follow from the pose alone,
    without chance, so that the striped picture is the one right translation.

    Args:
        index: Which animal. Each index is another picture.
        seed: Which series of animals.
        image_size: Height and width in pixels, or one number for both. The same index
            and seed is the same scene at every size: a square, squashed if need be.

    Returns:
        Three arrays: the plain picture and the striped picture, uint8 of shape (height,
        width, 3), and the animal's mask, bool of shape (height, width): true where a
        part of the pixel belongs to the animal. Outside of the mask the two pictures
        are equal.
    """
    height, width = image_sides(image_size)
    size = max(height, width) * SUPERSAMPLING
    scene = np.random.default_rng((seed, index, 0))
    animal = np.random.default_rng((seed, index, 1))
    background, horizon = draw_background(scene, size)
    pose = random_pose(animal, horizon)
    coat, mane = PLAIN_COATS[animal.integers(len(PLAIN_COATS))]
    light = animal.uniform(0.85, 1.15) * animal.uniform(0.97, 1.03, 3)
    red, green, blue = (int(c) for c in np.clip(light * coat, 0, 255))
    coat = (red, green, blue)

    _draw_shadow(background, pose)
    labels = _draw_labels(pose, size)
    silhouette = labels.point([0] + [255] * 255)
    shade = _shade(silhouette, pose)
    pictures = []
    for palette in (_colours(coat, coat, mane), _colours(*STRIPED_COAT)):
        labels.putpalette(palette)
        shaded = ImageChops.multiply(labels.convert("RGB"), shade)
        picture = Image.composite(shaded, background, silhouette)
        pictures.append(_averaged(picture, height, width))
    # As floats: a touch of the animal must not be rounded away.
    mask = _averaged(silhouette.convert("F"), height, width) > 0
    return pictures[0], pictures[1], mask


def _averaged(picture: Image.Image, height: int, width: int) -> np.ndarray:
    """Each pixel of the result is the mean of those that it covers."""
    if height == width:
        return np.asarray(picture.reduce(SUPERSAMPLING))
    return np.asarray(picture.resize((width, height), Image.Resampling.BOX))


class _Canvas:
    """A one-channel picture on which shapes are drawn in the animal's coordinates."""

    def __init__(self, pose: Pose, size: int):
        self.image = Image.new("L", (size, size))
        self._draw = ImageDraw.Draw(self.image)
        self._pose, self._size = pose, size

    def polygon(self, points: np.ndarray, label: int) -> None:
        pose = self._pose
        place = points * (pose.facing * pose.scale, pose.scale) + pose.origin
        self._draw.polygon((place * self._size).ravel().tolist(), fill=label)

    def disc(self, centre: np.ndarray, radius: float, label: int) -> None:
        self.limb(Limb(centre[None], np.array([radius])), label)

    def limb(self, limb: Limb, label: int) -> None:
        pose, radii = self._pose, limb.radii[:, None] * self._pose.scale
        places = limb.points * (pose.facing * pose.scale, pose.scale) + pose.origin
        boxes = np.column_stack((places - radii, places + radii)) * self._size
        for box in boxes.tolist():
            self._draw.ellipse(box, fill=label)

    def striped_limb(
        self,
        limb: Limb,
        period: float,
        first: float,
        last: float,
        coat: int,
        stripe: int,
    ) -> None:
        """Draws a limb, and stripes across it at equal steps along its middle.

        Args:
            limb: The limb that the stripes follow.
            period: From one stripe to the next.
            first: Where the stripes begin, as a distance along the limb.
            last: Where they end, as a distance before the limb's end.
            coat: Label between the stripes.
            stripe: Label of the stripes.
        """
        area, stripes = (_Canvas(self._pose, self._size) for _ in range(2))
        area.limb(limb, 255)
        self.image.paste(coat, mask=area.image)
        for outline in _stripes(limb, period, first, last):
            stripes.polygon(outline, 255)
        self.image.paste(stripe, mask=ImageChops.multiply(area.image, stripes.image))


def _stripes(
    limb: Limb, period: float, first: float, last: float
) -> Iterator[np.ndarray]:
    """Yields the outlines of stripes, (points, 2), which reach beyond the limb."""
    steps = np.diff(limb.points, axis=0)
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*steps.T))))
    places = np.arange(first, along[-1] - last, period)
    middles, directions = (
        np.column_stack([np.interp(places, along, column) for column in curve.T])
        for curve in (limb.points, np.gradient(limb.points, along, axis=0))
    )
    directions /= np.hypot(*directions.T)[:, None]
    radii = np.interp(places, along, limb.radii)
    # From above the limb, -1.25, to below it. The stripes are bowed, and thin towards
    # their ends, so that they do not merge where the limb bends.
    v = np.linspace(-1.25, 1.25, 13)[:, None]
    half = 0.29 * period * (1 - 0.36 * v**2)
    for middle, direction, radius in zip(middles, directions, radii):
        downwards = np.array((-direction[1], direction[0]))
        bowed = middle + v * radius * downwards - 0.22 * period * v**2 * direction
        yield np.vstack((bowed + half * direction, (bowed - half * direction)[::-1]))


def _draw_labels(pose: Pose, size: int) -> Image.Image:
    """Draws which part of the animal each pixel shows, from back to front."""
    canvas = _Canvas(pose, size)
    canvas.limb(pose.tail, MANE)
    for leg in pose.far_legs:
        canvas.striped_limb(leg, LEG_PERIOD, 0.2, 0.06, FAR_COAT, FAR_STRIPE)
        canvas.polygon(_hoof(leg), MANE)
    canvas.polygon(pose.ears[0], FAR_COAT)
    for leg in pose.near_legs:
        canvas.striped_limb(leg, LEG_PERIOD, 0.2, 0.06, COAT, STRIPE)
        canvas.polygon(_hoof(leg), MANE)
    canvas.polygon(_mane(pose.torso), MANE)
    canvas.striped_limb(pose.torso, TORSO_PERIOD, 0.0, 0.06, COAT, STRIPE)
    canvas.polygon(pose.ears[1], COAT)
    canvas.striped_limb(pose.head, HEAD_PERIOD, 0.1, 0.1, COAT, STRIPE)
    head = pose.head.points
    canvas.disc(head[-1] + (0.01, 0.01), 0.074, MANE)  # the muzzle
    canvas.disc(head[6] + (0.01, -0.045), 0.024, EYE)
    return canvas.image


def _colours(coat: tuple, stripe: tuple, mane: tuple) -> list[int]:
    """The palette (RGB after RGB) of the labels; the legs of the far side are dark."""
    palette = [(0, 0, 0)] * 6
    palette[COAT], palette[STRIPE], palette[MANE] = coat, stripe, mane
    palette[FAR_COAT] = tuple(round(0.72 * value) for value in coat)
    palette[FAR_STRIPE] = tuple(round(0.72 * value) for value in stripe)
    palette.append(EYE_COLOUR)
    return [value for colour in palette for value in colour]


def _shade(silhouette: Image.Image, pose: Pose) -> Image.Image:
    """Light from above: bright with more of the animal below, dark along the belly."""
    size = silhouette.width
    soft = silhouette.filter(ImageFilter.BoxBlur(0.09 * pose.scale * size))
    soft = ImageChops.offset(soft, 0, -round(0.16 * pose.scale * size))
    grey = soft.point([138 + value * 117 // 255 for value in range(256)])
    return Image.merge("RGB", (grey, grey, grey))


def _hoof(leg: Limb) -> np.ndarray:
    (x, y), radius = leg.points[-1], leg.radii[-1]
    corners = np.array([(-0.9, 0.1), (0.9, 0.1), (1.35, 1.35), (-1.1, 1.35)])
    return corners * radius + (x, y)


def _mane(torso: Limb) -> np.ndarray:
    """A crest behind the neck, from the withers to the poll."""
    crest = slice(37, None, 3)
    tangent = np.gradient(torso.points, axis=0)[crest]
    tangent = tangent / np.hypot(*tangent.T)[:, None]
    outward = np.column_stack((tangent[:, 1], -tangent[:, 0]))
    points, radii = torso.points[crest], torso.radii[crest][:, None]
    height = 0.075 * np.sin(np.linspace(0.0, 2.4, len(points)))[:, None]
    return np.vstack((points + (radii + height) * outward, points[::-1]))


def _draw_shadow(background: Image.Image, pose: Pose) -> None:
    size = background.width
    x = pose.origin[0]
    y = max(leg.points[-1][1] for leg in pose.near_legs) * pose.scale + pose.origin[1]
    shadow = Image.new("L", background.size)
    half = 0.62 * pose.scale
    ImageDraw.Draw(shadow).ellipse(
        (
            (x - half) * size,
            (y + 0.01) * size,
            (x + half) * size,
            (y + 0.01 + 0.13 * pose.scale) * size,
        ),
        fill=105,
    )
    shadow = shadow.filter(ImageFilter.BoxBlur(0.02 * size))
    background.paste("black", mask=shadow)
