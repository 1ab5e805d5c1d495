"""The landscapes of the built-in sample, behind plain and striped animals alike."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

# (sky above, sky at the horizon, hills, ground at the horizon, ground in front).
# They are akin: instance normalisation takes the overall colour of a picture away, and
# small networks that train for minutes cannot learn to find many palettes again.
PALETTES = (
    ((96, 152, 212), (200, 224, 238), (96, 138, 104), (128, 168, 88), (82, 126, 56)),
    ((104, 158, 214), (206, 224, 232), (116, 142, 100), (148, 170, 92), (100, 128, 60)),
    ((110, 162, 210), (212, 226, 228), (110, 140, 112), (136, 166, 98), (92, 124, 66)),
    ((104, 148, 196), (196, 212, 224), (100, 132, 108), (122, 156, 90), (80, 116, 60)),
)


def draw_background(rng: np.random.Generator, size: int) -> tuple[Image.Image, float]:
    """Draws a landscape: sky, clouds, hills, trees, and ground with grass.

    How often `rng` is asked does not depend on `size`, so that one generator state is
    one landscape at every size.

    Args:
        rng: Decides on everything in the picture.
        size: Height and width in pixels.

    Returns:
        The picture (RGB) and the height of the horizon as a fraction from the top.
    """
    palette = PALETTES[rng.integers(len(PALETTES))]
    sky, haze, hill, far_ground, near_ground = (
        _vary(rng, colour, 10) for colour in palette
    )
    horizon = rng.uniform(0.38, 0.66)
    picture = _gradient((sky, haze), size, size)
    draw = ImageDraw.Draw(picture)
    _draw_clouds(rng, picture, horizon, size)
    _draw_hills(rng, draw, hill, haze, horizon, size)
    top = round(horizon * size)
    ground = _gradient((far_ground, near_ground), size, size - top)
    picture.paste(_mottle(rng, ground), (0, top))
    _draw_trees(rng, draw, hill, horizon, size)
    _draw_grass(rng, draw, near_ground, horizon, size)
    return picture, horizon


def _vary(rng: np.random.Generator, colour: tuple, amount: int) -> tuple[int, ...]:
    brightness = rng.uniform(-amount, amount)
    tint = rng.uniform(-amount / 2, amount / 2, 3)
    return tuple(int(c) for c in np.clip(np.array(colour) + brightness + tint, 0, 255))


def _blend(colour: tuple, other: tuple, weight: float) -> tuple[int, ...]:
    return tuple(round(a + weight * (b - a)) for a, b in zip(colour, other))


def _gradient(colours: tuple, width: int, height: int) -> Image.Image:
    column = np.array(colours, np.uint8)[:, None]
    return Image.fromarray(column).resize((width, height), Image.Resampling.BICUBIC)


def _mottle(rng: np.random.Generator, picture: Image.Image) -> Image.Image:
    """Gives the ground lighter and darker patches, coarse and fine."""
    result = picture
    for cells, strength in ((6, 0.08), (40, 0.05)):
        noise = Image.fromarray(rng.integers(0, 256, (cells, cells), np.uint8))
        patches = noise.resize(picture.size, Image.Resampling.BICUBIC)
        patches = patches.point(lambda value: int(value * strength))
        for shade in ("black", "white"):
            result.paste(shade, mask=patches)
            patches = patches.transpose(Image.Transpose.ROTATE_180)
    return result


def _draw_clouds(rng, picture, horizon, size):
    cover = Image.new("L", picture.size)
    draw = ImageDraw.Draw(cover)
    for _ in range(rng.integers(0, 4)):
        x, y = rng.uniform(0, 1), rng.uniform(0.02, 0.6) * horizon
        width = rng.uniform(0.04, 0.1)
        density = int(rng.integers(110, 220))
        for puff in range(-2, 3):
            radius = width * rng.uniform(0.5, 0.9) / (1 + 0.3 * abs(puff))
            centre = x + puff * width * 0.8, y + rng.uniform(-0.3, 0.3) * radius
            _disc(draw, centre, (1.3 * radius, 0.6 * radius), size, density)
    cover = cover.filter(ImageFilter.BoxBlur(size / 100))
    picture.paste((250, 250, 252), mask=cover)


def _draw_hills(rng, draw, colour, haze, horizon, size):
    across = np.linspace(0, 1, 33)
    layers = int(rng.integers(0, 4))
    for layer in range(layers):
        height = rng.uniform(0.03, 0.12) * (layers - layer)
        waves = rng.uniform(0.6, 3.2, 2)[:, None]
        phases = rng.uniform(0, 2 * np.pi, 2)[:, None]
        relief = np.sin(2 * np.pi * waves * across + phases).mean(axis=0)
        tops = horizon - height * (0.65 + 0.5 * relief)
        outline = [(0, horizon), *zip(across, tops), (1, horizon)]
        distance = 0.6 * (layers - 1 - layer) / max(layers, 1)
        draw.polygon(
            [(x * size, y * size + 1) for x, y in outline],
            fill=_blend(colour, haze, distance),
        )


def _draw_trees(rng, draw, colour, horizon, size):
    for _ in range(rng.integers(0, 6)):
        x, foot = rng.uniform(0, 1), horizon + rng.uniform(0, 0.08)
        height = rng.uniform(0.12, 0.4)
        leaves = _vary(rng, _blend(colour, (30, 80, 40), 0.55), 22)
        trunk = _vary(rng, (84, 62, 44), 12)
        half = 0.05 * height * size
        draw.rectangle(
            (
                x * size - half,
                (foot - 0.6 * height) * size,
                x * size + half,
                foot * size,
            ),
            fill=trunk,
        )
        if rng.random() < 0.35:  # a fir
            for step in range(3):
                top, width = foot - height * (1 - 0.22 * step), 0.12 + 0.06 * step
                low = top + 0.42 * height
                corners = (
                    (x, top),
                    (x - width * height, low),
                    (x + width * height, low),
                )
                draw.polygon(
                    [(a * size, b * size) for a, b in corners],
                    fill=_blend(leaves, (0, 0, 0), 0.15 * (2 - step)),
                )
        else:
            for light in (0.0, 0.0, 0.06, 0.06, 0.14):
                centre = (
                    x + rng.uniform(-0.16, 0.16) * height - 0.3 * light * height,
                    foot - height * (0.74 + light + rng.uniform(-0.1, 0.1)),
                )
                radius = height * rng.uniform(0.16, 0.24) * (1 - 2 * light)
                fill = _blend(leaves, (255, 255, 220), light)
                _disc(draw, centre, (radius, radius), size, fill)


def _draw_grass(rng, draw, colour, horizon, size):
    for _ in range(70):
        depth = rng.random()
        x, y = rng.random(), horizon + (1 - horizon) * depth
        length = (0.012 + 0.035 * depth) * rng.uniform(0.5, 1.2)
        lean = rng.uniform(-0.4, 0.4) * length
        start, end = (x * size, y * size), ((x + lean) * size, (y - length) * size)
        width = max(1, round((0.002 + 0.004 * depth) * size))
        fill = _blend(colour, (20, 30, 10), rng.uniform(-0.2, 0.25))
        draw.line((start, end), fill=fill, width=width)


def _disc(draw, centre, radii, size, fill):
    (x, y), (a, b) = centre, radii
    draw.ellipse(
        ((x - a) * size, (y - b) * size, (x + a) * size, (y + b) * size), fill=fill
    )
