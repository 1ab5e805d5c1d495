"""Importing LiteRT, which not every installation has."""

import importlib
from typing import Any


def import_litert(module: str) -> Any:
    """A module of the package `ai_edge_litert`.

    Args:
        module: Its name, such as `"interpreter"`.

    Raises:
        ImportError: If LiteRT is not installed. The message says how to do that.
    """
    try:
        return importlib.import_module(f"ai_edge_litert.{module}")
    except ImportError as error:
        raise ImportError(
            'TFLite files need LiteRT: `pip install "crd_keras[export]"`. '
            f"Received: {error}"
        ) from error
