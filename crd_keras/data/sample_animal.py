"""The animals of the built-in sample: one pose, drawn in a plain and a striped coat."""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from crd_keras.data.sample_background import draw_background

# Pillow draws hard edges, so each picture is drawn larger and averaged down.
SUPERSAMPLING = 4

# Stripe periods in body lengths. A body is about half of the picture, so that at
# 64x64 a period is 4 to 6 pixels.
TORSO_PERIOD, HEAD_PERIOD, LEG_PERIOD = 0.155, 0.14, 0.14

PLAIN_COATS = (
    ((124, 78, 46), (46, 30, 22)),  # brown, dark mane
    ((158, 92, 50), (112, 60, 32)),  # chestnut
    ((196, 158, 108), (230, 210, 170)),  # tan, light mane
    ((190, 148, 96), (60, 44, 34)),  # tan, dark mane
    ((132, 130, 130), (70, 70, 74)),  # grey
    ((92, 62, 44), (30, 24, 22)),  # dark brown
)
STRIPED_COAT = ((240, 238, 230), (34, 30, 32))


def draw_animal(
    index: int, seed: int = 0, image_size: int = 64
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draws one animal twice: in a plain coat, and as its striped twin.

    Pose, place and background of the twins are the same. The stripes follow from the
    pose alone, without chance, so that the twin is the one right translation.

    Args:
        index: Which animal. Each index is another picture.
        seed: Which series of animals.
        image_size: Height and width in pixels. The same index and seed is the same
            scene at every size.

    Returns:
        Three arrays: the plain picture and the striped picture, uint8 of shape
        (image_size, image_size, 3), and the animal's mask, bool of shape
        (image_size, image_size): true where a part of the pixel belongs to the animal.
        Outside of the mask the two pictures are equal.
    """
    size = image_size * SUPERSAMPLING
    scene = np.random.default_rng((seed, index, 0))
    animal = np.random.default_rng((seed, index, 1))
    background, horizon = draw_background(scene, size)
    pose = _random_pose(animal, horizon)
    coat, mane = PLAIN_COATS[animal.integers(len(PLAIN_COATS))]
    light = animal.uniform(0.85, 1.15) * animal.uniform(0.97, 1.03, 3)
    coat = tuple(int(c) for c in np.clip(light * coat, 0, 255))

    background = _draw_shadow(background, pose)
    layers = _draw_layers(pose, size)
    plain = _dress(background, layers, coat, mane, stripes=False)
    striped = _dress(background, layers, *STRIPED_COAT, stripes=True)
    mask = layers.silhouette.reduce(SUPERSAMPLING)
    return (
        np.asarray(plain.reduce(SUPERSAMPLING)),
        np.asarray(striped.reduce(SUPERSAMPLING)),
        np.asarray(mask.point(lambda value: 255 * (value > 0))) > 0,
    )


@dataclass(frozen=True)
class _Limb:
    """A bent tube: points (n, 2) and radii (n,) along its middle, in body lengths."""

    points: np.ndarray
    radii: np.ndarray


@dataclass(frozen=True)
class _Pose:
    torso: _Limb  # from the rump along the back and the neck to the poll
    head: _Limb
    near_legs: tuple[_Limb, _Limb]
    far_legs: tuple[_Limb, _Limb]
    tail: _Limb
    ears: np.ndarray  # (2, 3, 2), far and near
    scale: float  # body length as a fraction of the picture
    origin: np.ndarray  # the middle of the body as a fraction of the picture
    facing: int  # 1: to the right, -1: to the left


def _random_pose(rng: np.random.Generator, horizon: float) -> _Pose:
    stout = rng.uniform(0.88, 1.1)
    neck = rng.uniform(-0.35, 0.3)  # radians; positive lowers the head
    nod = rng.uniform(-0.2, 0.35)
    stride = rng.uniform(0.0, 0.38)
    height = rng.uniform(0.92, 1.08)

    torso = [(-0.40, -0.03), (-0.12, 0.0), (0.16, 0.0), (0.36, -0.05)]
    crest = _turn([(0.50, -0.27), (0.60, -0.50)], (0.36, -0.1), neck)
    torso = _smooth(
        [*torso, *crest],
        [stout * r for r in (0.26, 0.28, 0.285, 0.255)] + [0.185, 0.125],
        64,
    )
    poll = torso.points[-1]
    head = [(0.0, 0.0), (0.09, 0.05), (0.20, 0.14), (0.29, 0.22)]
    head = _turn(np.array(head) + poll, poll, 0.5 * neck + nod)
    ears = _turn(
        [[(0.06, -0.07), (-0.03, -0.11), (0.04, -0.25)]]
        + [[(0.0, -0.06), (-0.1, -0.07), (-0.06, -0.24)]],
        (0, 0),
        0.5 * neck + 0.4 * nod,
    )
    swings = stride * np.array((1.0, -0.8, -0.9, 0.9))
    legs = [
        _leg(rng, hip, swing, height, hind)
        for hip, swing, hind in zip(
            ((0.30, 0.12), (-0.42, 0.06), (0.36, 0.10), (-0.36, 0.06)),
            swings,
            (False, True, False, True),
        )
    ]
    rump = np.array((-0.62 * stout, -0.16))
    sway = rng.uniform(-0.06, 0.14)
    tail = rump + np.array(
        [(0.06, 0.02), (-0.04, 0.06), (-0.09 - sway, 0.28), (-0.07 - 1.6 * sway, 0.5)]
    )
    pose = _Pose(
        torso=torso,
        head=_smooth(head, (0.12, 0.135, 0.105, 0.085), 20),
        near_legs=(legs[0], legs[1]),
        far_legs=(legs[2], legs[3]),
        tail=_smooth(tail, (0.03, 0.04, 0.062, 0.022), 20),
        ears=ears + poll,
        scale=1.0,
        origin=np.zeros(2),
        facing=1,
    )
    return _place(rng, pose, horizon)


def _leg(rng, hip, swing, height, hind) -> _Limb:
    bend = rng.uniform(0.0, 0.12) + 0.5 * abs(swing)
    knee = (0.05, 0.32) if not hind else (-0.02, 0.34)
    if hind:
        joints = [(0, 0), (0.03, 0.17), (-0.05, 0.38), (-0.02, 0.56), (-0.01, 0.66)]
        radii = (0.17, 0.14, 0.068, 0.055, 0.062)
    else:
        joints = [(0, 0), (0.02, 0.17), (0.02, 0.36), (0.01, 0.53), (0.02, 0.61)]
        radii = (0.14, 0.11, 0.066, 0.054, 0.06)
    joints = np.array(joints) * (1, height)
    joints[3:] = _turn(joints[3:], knee, bend * (1 if swing <= 0 else 0.2))
    return _smooth(_turn(joints, (0, 0), -swing) + np.array(hip), radii, 28)


def _place(rng, pose: _Pose, horizon: float) -> _Pose:
    """Scales, mirrors and moves the animal so that all of it is in the picture."""
    limbs = (pose.torso, pose.head, pose.tail, *pose.near_legs, *pose.far_legs)
    low = np.min([(m.points - m.radii[:, None]).min(axis=0) for m in limbs], axis=0)
    high = np.max([(m.points + m.radii[:, None]).max(axis=0) for m in limbs], axis=0)
    low = np.minimum(low, pose.ears.min(axis=(0, 1)))
    facing = 1 if rng.random() < 0.5 else -1
    if facing < 0:
        low[0], high[0] = -high[0], -low[0]
    fit = 0.97 / (high - low).max()
    scale = float(fit * rng.uniform(0.84, 1.0))
    room = 1 - scale * (high - low)
    # The hooves stand below the horizon.
    lowest = np.clip((horizon + 0.08 - scale * (high - low)[1]) / room[1], 0.35, 0.9)
    share = np.array((rng.uniform(0.1, 0.9), rng.uniform(lowest, 0.92)))
    return replace(pose, scale=scale, origin=share * room - scale * low, facing=facing)


def _turn(points, centre, angle) -> np.ndarray:
    """Rotates points about a centre; positive angles turn the nose down."""
    cos, sin = np.cos(angle), np.sin(angle)
    return (np.asarray(points, float) - centre) @ np.array(
        [[cos, sin], [-sin, cos]]
    ) + centre


def _smooth(points, radii, samples: int) -> _Limb:
    """A limb along the Catmull-Rom curve through points and radii."""
    knots = np.column_stack((points, radii))
    padded = np.vstack((2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]))
    position = np.linspace(0, len(knots) - 1, samples)
    segment = np.minimum(position.astype(int), len(knots) - 2)
    t = (position - segment)[:, None]
    p0, p1, p2, p3 = (padded[segment + offset] for offset in range(4))
    curve = 0.5 * (
        2 * p1
        + (p2 - p0) * t
        + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
        + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    )
    return _Limb(curve[:, :2], curve[:, 2])


class _Canvas:
    """A one-channel picture on which shapes are drawn in the animal's coordinates."""

    def __init__(self, pose: _Pose, size: int):
        self.image = Image.new("L", (size, size))
        self._draw = ImageDraw.Draw(self.image)
        self._pose, self._size = pose, size

    def polygon(self, points: np.ndarray, fill: int = 255) -> None:
        pose = self._pose
        place = points * (pose.facing * pose.scale, pose.scale) + pose.origin
        self._draw.polygon([tuple(p) for p in place * self._size], fill=fill)

    def disc(self, centre: np.ndarray, radius: float, fill: int = 255) -> None:
        pose = self._pose
        place = centre * (pose.facing * pose.scale, pose.scale) + pose.origin
        low, high = place - radius * pose.scale, place + radius * pose.scale
        self._draw.ellipse((*(low * self._size), *(high * self._size)), fill=fill)

    def limb(self, limb: _Limb) -> None:
        for point, radius in zip(limb.points, limb.radii):
            self.disc(point, radius)

    def stripes(self, limb: _Limb, period: float, first: float, last: float) -> None:
        """Draws stripes across a limb, at equal steps along its middle.

        Args:
            limb: The limb that the stripes follow.
            period: From one stripe to the next.
            first: Where the stripes begin, as a distance along the limb.
            last: Where they end, as a distance before the limb's end.
        """
        steps = np.diff(limb.points, axis=0)
        along = np.concatenate(([0.0], np.cumsum(np.hypot(*steps.T))))
        tangent = np.gradient(limb.points, along, axis=0)
        for position in np.arange(first, along[-1] - last, period):
            middle, radius, direction = (
                np.array([np.interp(position, along, column) for column in columns.T])
                for columns in (limb.points, limb.radii[:, None], tangent)
            )
            direction = direction / np.hypot(*direction)
            across = np.array((-direction[1], direction[0]))  # downwards
            v = np.linspace(-1.25, 1.25, 13)[:, None]
            # Thickest at the back, thinner towards the belly, and slightly bowed.
            half = 0.30 * period * (1 - 0.22 * v - 0.25 * np.maximum(v, 0) ** 2)
            bowed = middle + v * radius * across - 0.22 * period * v**2 * direction
            self.polygon(
                np.vstack((bowed + half * direction, (bowed - half * direction)[::-1]))
            )


@dataclass(frozen=True)
class _Part:
    """One part of the animal, as masks of the large picture, back to front."""

    area: Image.Image
    stripes: Image.Image | None  # None: drawn in the colour of the mane in both coats
    light: float  # of the coat's colour; less for the legs on the far side


@dataclass(frozen=True)
class _Layers:
    parts: list[_Part]
    silhouette: Image.Image
    shading: Image.Image


def _draw_layers(pose: _Pose, size: int) -> _Layers:
    parts = []

    def add(draw_area, draw_stripes=None, light=1.0):
        area = _Canvas(pose, size)
        draw_area(area)
        stripes = None
        if draw_stripes is not None:
            canvas = _Canvas(pose, size)
            draw_stripes(canvas)
            stripes = ImageChops.multiply(canvas.image, area.image)
        parts.append(_Part(area.image, stripes, light))

    add(lambda c: c.limb(pose.tail))
    for leg in pose.far_legs:
        add(
            lambda c: c.limb(leg), lambda c: c.stripes(leg, LEG_PERIOD, 0.2, 0.06), 0.72
        )
        add(lambda c: c.polygon(_hoof(leg)))
    add(lambda c: c.polygon(pose.ears[0]), lambda c: None, 0.72)
    for leg in pose.near_legs:
        add(lambda c: c.limb(leg), lambda c: c.stripes(leg, LEG_PERIOD, 0.2, 0.06))
        add(lambda c: c.polygon(_hoof(leg)))
    add(lambda c: c.polygon(_mane(pose.torso)))
    add(
        lambda c: c.limb(pose.torso),
        lambda c: c.stripes(pose.torso, TORSO_PERIOD, 0.0, 0.06),
    )
    add(lambda c: c.polygon(pose.ears[1]), lambda c: None)
    add(
        lambda c: c.limb(pose.head),
        lambda c: c.stripes(pose.head, HEAD_PERIOD, 0.1, 0.1),
    )
    head = pose.head.points
    add(lambda c: c.disc(head[-1] + (0.01, 0.01), 0.074))  # the muzzle
    add(lambda c: c.disc(head[6] + (0.01, -0.045), 0.024))  # the eye

    silhouette = parts[0].area
    for part in parts[1:]:
        silhouette = ImageChops.lighter(silhouette, part.area)
    # Light from above: bright where there is more animal below, dark along the belly.
    reach = round(0.16 * pose.scale * size)
    soft = silhouette.filter(ImageFilter.BoxBlur(0.09 * pose.scale * size))
    shading = ImageChops.offset(soft, 0, -reach).point(
        lambda value: 138 + value * 117 // 255
    )
    return _Layers(parts, silhouette, shading)


def _hoof(leg: _Limb) -> np.ndarray:
    (x, y), radius = leg.points[-1], leg.radii[-1]
    corners = np.array([(-0.9, 0.1), (0.9, 0.1), (1.35, 1.35), (-1.1, 1.35)])
    return corners * radius + (x, y)


def _mane(torso: _Limb) -> np.ndarray:
    """A crest behind the neck, from the withers to the poll."""
    crest = slice(40, None, 3)
    tangent = np.gradient(torso.points, axis=0)[crest]
    tangent = tangent / np.hypot(*tangent.T)[:, None]
    outward = np.column_stack((tangent[:, 1], -tangent[:, 0]))
    points, radii = torso.points[crest], torso.radii[crest][:, None]
    height = np.linspace(0.0, 0.07, len(points))[:, None]
    return np.vstack((points + (radii + height) * outward, points[::-1]))


def _draw_shadow(background: Image.Image, pose: _Pose) -> Image.Image:
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
    return background


def _dress(background, layers: _Layers, coat, mane, stripes: bool) -> Image.Image:
    """Puts the animal in a coat (RGB) with this mane (RGB) in front of a background."""
    animal = Image.new("RGB", background.size)
    for part in layers.parts:
        colour = mane if part.stripes is None else coat
        animal.paste(tuple(round(part.light * c) for c in colour), mask=part.area)
        if stripes and part.stripes is not None:
            animal.paste(tuple(round(part.light * c) for c in mane), mask=part.stripes)
    shaded = ImageChops.multiply(animal, Image.merge("RGB", [layers.shading] * 3))
    return Image.composite(shaded, background, layers.silhouette)
