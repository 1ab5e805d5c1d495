"""Ctrl-C and SIGTERM end a recipe with one line, when nothing is lost by it."""

import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Ends the program at a signal with a line on stderr and the shell's exit status.

    That is 130 for SIGINT and 143 for SIGTERM. The first signal can be made to wait;
    a second one ends it at once.

        with Interruption(lambda: "Stopped before the training began") as interruption:
            ...

    This module imports nothing that takes long, so that the imports can be within.

    Args:
        describe: Says what was stopped, as a line.

    Attributes:
        describe: As above; to be replaced as the program goes on.
        received: The signal that waits, if there is one.
    """

    def __init__(self, describe: Callable[[], str]):
        self.describe = describe
        self.received: int | None = None
        self._waits = False
        self._announcement: str | None = None
        self._former: dict[int, Any] = {}

    def hold(self, announcement: str | None = None) -> None:
        """Has a signal wait from now on.

        Args:
            announcement: What is printed when it comes, if it may wait for long.
        """
        self._waits, self._announcement = True, announcement
        if self.received is not None and announcement:
            self._announce()

    def release(self) -> None:
        """Has a signal end the program at once from now on, also one that waited.

        Raises:
            KeyboardInterrupt: If one waited.
        """
        self._waits = False
        if self.received is not None:
            raise KeyboardInterrupt

    def __enter__(self) -> "Interruption":
        # Python lets no other thread set handlers.
        if threading.current_thread() is threading.main_thread():
            self._former = {s: signal.signal(s, self._handle) for s in _SIGNALS}
        return self

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        for number, handler in self._former.items():
            signal.signal(number, handler)
        if isinstance(error, KeyboardInterrupt):
            print(self.describe(), file=sys.stderr, flush=True)
            raise SystemExit(128 + (self.received or signal.SIGINT)) from None

    def _handle(self, number, frame):
        is_first = self.received is None
        self.received = number
        if not (self._waits and is_first):
            raise KeyboardInterrupt
        if self._announcement:
            self._announce()

    def _announce(self):
        print(self._announcement, file=sys.stderr, flush=True)
