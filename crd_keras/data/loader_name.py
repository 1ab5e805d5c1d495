"""Names of the functions that load images, for caches that outlive a module's name."""

from collections.abc import Callable
from typing import TypeVar

Load = TypeVar("Load", bound=Callable)


def named_loader(name: str) -> Callable[[Load], Load]:
    """Gives a function that loads images a name that stays when the function moves.

    Args:
        name: Stands for what the function makes of a record. Change it when that
            changes: what is kept of the images is then computed anew.
    """

    def decorate(load: Load) -> Load:
        load.loader_name = name  # type: ignore[attr-defined]  # functions take any
        return load

    return decorate


def loader_name(load: Callable) -> str:
    """The name that `named_loader` gave a function, by default module and name."""
    if hasattr(load, "loader_name"):
        return load.loader_name
    return f"{load.__module__}.{load.__qualname__}"
