"""A web page of `crd web`, opened in Chromium."""

import contextlib
import functools
import http.server
import threading

import numpy as np

from tests.export import chromium

STATUS = "document.getElementById('status').textContent"


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Notes in the server's list what is asked for: all, as browsers keep nothing."""

    def end_headers(self):
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *_):
        pass

    def log_request(self, *_):
        self.server.requested.append(self.path)


@contextlib.contextmanager
def opened(folder, profile, *options):
    """Chromium with the page, its model loaded.

    Args:
        folder: The page's.
        profile: A folder of Chromium's own.
        *options: Of Chromium's command line.

    Yields:
        The browser, with the page's `origin` and `requested`: the paths that it has
        asked the server for.
    """
    handler = functools.partial(QuietHandler, directory=folder)
    with http.server.ThreadingHTTPServer(("localhost", 0), handler) as server:
        server.requested = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with chromium.Chromium(chromium.find(), profile, *options) as browser:
            browser.origin = f"http://localhost:{server.server_port}"
            browser.requested = server.requested
            browser.open(f"{browser.origin}/")
            wait_for_status(browser, "Ready")
            yield browser
        server.shutdown()


def wait_for_status(browser, text):
    # While the page loads there is no such element.
    status = STATUS.replace(").", ")?.")
    return browser.wait_for(f"{status}?.includes({text!r}) && {STATUS}")


def text(browser, name):
    return browser.evaluate(f"document.getElementById({name!r}).textContent")


def pixels(browser, canvas):
    """Red, green, blue and alpha of what a canvas shows."""
    element = f"document.getElementById({canvas!r})"
    height, width = browser.evaluate(f"[{element}.height, {element}.width]")
    values = browser.evaluate(
        f"Array.from({element}.getContext('2d')"
        f".getImageData(0, 0, {width}, {height}).data)"
    )
    return np.array(values).reshape(height, width, 4)
