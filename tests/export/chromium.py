"""A headless Chromium that a test drives, over the pipe of its DevTools protocol."""

import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import time
from typing import Any

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_TIMEOUT_SECONDS = 60  # WebGPU in software takes some.
# The pipe's ends must be file descriptors 3 and 4 of the browser.
_START = "import os, sys; [os.dup2(int(sys.argv[i]), i + 2) for i in (1, 2)]; "
_START += "os.execv(sys.argv[3], sys.argv[3:])"


def find() -> str | None:
    """The path of an installed Chromium or Chrome."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


class Chromium:
    """One page, which answers as a user's would; a context manager.

    Args:
        path: The program.
        profile: A folder of its own.
        *more_options: Of the command line.
    """

    def __init__(self, path: str, profile: os.PathLike, *more_options: str):
        self._last, self._session, self._unread = 0, None, b""
        # Numbers above 4, so that one end does not overwrite the other.
        pairs = [
            [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
            for ends in (os.pipe(), os.pipe())
        ]
        (read, self._to), (self._from, write) = pairs
        options = [
            "--headless",
            "--remote-debugging-pipe",
            f"--user-data-dir={profile}",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-extensions",
            "--disable-background-networking",
            "--no-first-run",
            "--use-fake-device-for-media-stream",
            # Colours stay what they are in the file, on any machine.
            "--force-color-profile=srgb",
            *more_options,
        ]
        if os.geteuid() == 0:
            options.append("--no-sandbox")  # It cannot be had as root.
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, str(read), str(write), path, *options],
            pass_fds=(read, write),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(read)
        os.close(write)

    def __enter__(self):
        target = self("Target.createTarget", url="about:blank")["targetId"]
        answer = self("Target.attachToTarget", targetId=target, flatten=True)
        self._session = answer["sessionId"]
        return self

    def __exit__(self, *_):
        try:
            self._session = None
            self("Browser.close")
            self._process.wait(10)
        finally:
            self._process.kill()
            self._process.wait()
            os.close(self._to)
            os.close(self._from)

    def __call__(self, method: str, **arguments) -> dict[str, Any]:
        """Sends a command of the DevTools protocol and returns its result."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": arguments}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._last:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]

    def open(self, url: str) -> None:
        self("Page.navigate", url=url)

    def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression; promises are awaited."""
        result = self(
            "Runtime.evaluate",
            expression=script,
            returnByValue=True,
            awaitPromise=True,
            userGesture=True,
        )
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def wait_for(self, script: str) -> Any:
        """Waits until an expression is true, and returns its value."""
        end = time.monotonic() + _TIMEOUT_SECONDS
        while time.monotonic() < end:
            if value := self.evaluate(script):
                return value
            time.sleep(0.05)
        page = self.evaluate("document.body.innerText")
        raise TimeoutError(f"{script} is not true on the page: {page}")

    def choose_file(self, selector: str, path: os.PathLike) -> None:
        """Chooses a file in a file input, as the user does in its dialogue."""
        self("DOM.enable")
        root = self("DOM.getDocument")["root"]["nodeId"]
        node = self("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self("DOM.setFileInputFiles", nodeId=node, files=[os.fspath(path)])

    def press(self, key: str) -> None:
        """Presses a key, such as `"Tab"` or `"Enter"`."""
        codes = {"Tab": 9, "Enter": 13}
        event = {"key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
        text = {"text": "\r"} if key == "Enter" else {}
        self("Input.dispatchKeyEvent", type="keyDown", **event, **text)
        self("Input.dispatchKeyEvent", type="keyUp", **event)

    def resize(self, width: int, height: int, scale: float = 1) -> None:
        """Gives the page another size, in CSS pixels."""
        self(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=False,
        )

    def _read(self):
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._from], [], [], _TIMEOUT_SECONDS)
            content = os.read(self._from, 1 << 16) if ready else b""
            if not content:
                raise TimeoutError("Chromium has ended or does not answer")
            self._unread += content
        message, self._unread = self._unread.split(b"\0", 1)
        return json.loads(message)
