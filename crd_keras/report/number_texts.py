"""Numbers as the report's tables show them."""

import math

MISSING = "–"
"""In place of a number that there is not."""


def macs_text(macs: int) -> str:
    """Multiply-accumulates in millions or billions, such as `"0.955 G"`."""
    unit, name = (1e9, "G") if macs >= 1e8 else (1e6, "M")
    value = macs / unit
    return f"{value:.{2 if value >= 10 else 3}f} {name}"


def metric_text(value: float) -> str:
    """A score in four digits, or words if it is NaN or infinite."""
    return f"{value:.4g}" if math.isfinite(value) else "not finite"
