"""Whether a state dict holds the arrays of a network."""

from collections.abc import Collection, Iterable, Mapping

import numpy as np

# How many names an error message gives.
_NAMES_IN_MESSAGE = 5


def mismatch(
    state: Mapping[str, np.ndarray],
    expected: Mapping[str, tuple[int, ...]],
    optional: Mapping[str, tuple[int, ...]] | None = None,
    ignored: Collection[str] = (),
) -> str:
    """What is wrong with a state dict, in words.

    Args:
        state: Arrays by name.
        expected: The shapes of the network's arrays by name.
        optional: The shapes of arrays that may be missing.
        ignored: Names of arrays that may be there, of any shape.

    Returns:
        Such as `"2 missing (a, b); 1 unexpected (c)"`, with the first five names of
        each, or nothing where all is well.
    """
    allowed = {**expected, **(optional or {})}
    problems = [
        first_names("missing", (name for name in expected if name not in state)),
        first_names(
            "unexpected",
            (name for name in state if name not in allowed and name not in ignored),
        ),
        first_names(
            "of another shape",
            (
                f"{name} {state[name].shape} instead of {shape}"
                for name, shape in allowed.items()
                if name in state and state[name].shape != shape
            ),
        ),
        # Left to the outputs it would not always show: TensorFlow's max pooling makes
        # finite numbers of NaN.
        first_names(
            "not finite",
            (n for n in allowed if n in state and not np.isfinite(state[n]).all()),
        ),
    ]
    return "; ".join(filter(None, problems))


def first_names(what: str, names: Iterable[str]) -> str:
    """Such as "2 missing (a, b)", or nothing where there is no name."""
    names = list(names)
    if not names:
        return ""
    more = ", ..." if len(names) > _NAMES_IN_MESSAGE else ""
    return f"{len(names)} {what} ({', '.join(names[:_NAMES_IN_MESSAGE])}{more})"
