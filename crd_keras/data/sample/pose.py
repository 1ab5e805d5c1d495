"""How an animal of the built-in sample stands: its limbs as curves with radii."""

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Limb:
    """A bent tube: points (n, 2) and radii (n,) along its middle, in body lengths."""

    points: np.ndarray
    radii: np.ndarray


@dataclass(frozen=True)
class Pose:
    """All of an animal, facing right, in body lengths from its middle, y downwards.

    Scale, origin and facing say how it is put into the picture.
    """

    torso: Limb  # from the rump along the back and the neck to the poll
    head: Limb
    near_legs: tuple[Limb, Limb]
    far_legs: tuple[Limb, Limb]
    tail: Limb
    ears: np.ndarray  # (2, 3, 2), far and near
    scale: float  # body length as a fraction of the picture
    origin: np.ndarray  # the middle of the body as a fraction of the picture
    facing: int  # 1: to the right, -1: to the left


def random_pose(rng: np.random.Generator, horizon: float) -> Pose:
    """Draws a pose by lot, with its place in the picture.

    Args:
        rng: Decides on everything.
        horizon: Height of the horizon as a fraction from the top; the animal stands
            below it.
    """
    stout = rng.uniform(0.88, 1.1)
    neck = rng.uniform(-0.35, 0.3)  # radians; positive lowers the head
    nod = rng.uniform(-0.2, 0.35)
    stride = rng.uniform(0.0, 0.38)
    height = rng.uniform(0.92, 1.08)

    back = [(-0.40, -0.03), (-0.12, 0.0), (0.16, 0.0), (0.36, -0.05)]
    crest = _turn([(0.50, -0.27), (0.60, -0.50)], (0.36, -0.1), neck)
    torso = _smooth(
        [*back, *crest],
        [stout * r for r in (0.26, 0.28, 0.285, 0.255)] + [0.185, 0.125],
        64,
    )
    poll = torso.points[-1]
    skull = [(0.0, 0.0), (0.09, 0.05), (0.20, 0.14), (0.29, 0.22)]
    head = _turn(np.array(skull) + poll, poll, 0.5 * neck + nod)
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
    pose = Pose(
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


def _leg(rng, hip, swing, height, hind):
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


def _place(rng: np.random.Generator, pose: Pose, horizon: float) -> Pose:
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


def _turn(points, centre, angle):
    """Rotates points about a centre; positive angles turn the nose down."""
    cos, sin = np.cos(angle), np.sin(angle)
    return (np.asarray(points, float) - centre) @ np.array(
        [[cos, sin], [-sin, cos]]
    ) + centre


def _smooth(points, radii, samples):
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
    return Limb(curve[:, :2], curve[:, 2])
