"""Downloads from a server on this machine, good and bad."""

import hashlib
import http.server
import threading

import pytest

from crd_keras.utils.download import download

CONTENT = bytes(range(256)) * 400
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests += 1
        if self.path == "/absent.pth":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        cut = len(CONTENT) // 2 if self.path == "/cut.pth" else None
        self.wfile.write(CONTENT[:cut])

    def log_message(self, *args):
        pass


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def server():
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.requests = 0
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def assert_refused(error_type, message, url, sha256, cache):
    with pytest.raises(error_type, match=message) as error:
        download(url, sha256, "Pass a path. Received: x", cache)
    assert "\n" not in str(error.value)
    assert str(error.value).endswith("Pass a path. Received: x")
    assert not files(cache)


def test_fetched_once(server, tmp_path):
    for _ in range(2):
        path = download(f"{server.url}/whole.pth", SHA256, "", tmp_path)
        with open(path, "rb") as file:
            assert file.read() == CONTENT
    assert path == str(tmp_path / "models" / "whole.pth")
    assert server.requests == 1


def test_half_written_file_is_fetched_anew(server, tmp_path):
    (tmp_path / "models").mkdir()
    half = tmp_path / "models" / "whole.pth"
    half.write_bytes(CONTENT[:1000])
    download(f"{server.url}/whole.pth", SHA256, "", tmp_path)
    assert half.read_bytes() == CONTENT


def test_wrong_checksum(server, tmp_path):
    url = f"{server.url}/whole.pth"
    assert_refused(ValueError, "wrong checksum", url, "0" * 64, tmp_path)


def test_interrupted_download(server, tmp_path):
    url = f"{server.url}/cut.pth"
    assert_refused(ConnectionError, "could not be fetched", url, SHA256, tmp_path)


def test_missing_file(server, tmp_path):
    url = f"{server.url}/absent.pth"
    assert_refused(ConnectionError, "404", url, SHA256, tmp_path)


def test_no_connection(tmp_path):
    # Port 9 (discard): nobody listens.
    url = "http://127.0.0.1:9/whole.pth"
    assert_refused(ConnectionError, "could not be fetched", url, SHA256, tmp_path)
