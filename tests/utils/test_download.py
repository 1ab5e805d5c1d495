"""Downloads from a server on this machine, good and bad."""

import hashlib
import http.server
import threading
import time

import keras
import pytest

from crd_keras.models.applications import load_application
from crd_keras.utils.download import download
from crd_keras.utils.folder_lock import FolderInUseError, FolderLock
from crd_keras.utils.full_disk import DiskFullError
from tests.no_space import limited_file_size

pytestmark = pytest.mark.any_backend

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
        half = len(CONTENT) // 2
        self.wfile.write(CONTENT[:half])
        if self.path == "/slow.pth":
            self.server.half_way.set()
            self.server.go_on.wait(timeout=10)
            self.server.go_on.set()
        if self.path != "/cut.pth":
            self.wfile.write(CONTENT[half:])

    def log_message(self, *args):
        pass


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.requests = 0
        server.half_way, server.go_on = threading.Event(), threading.Event()
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


def test_two_at_once(server, tmp_path):
    """The second comes while the first has half of the file."""
    url, folder = f"{server.url}/slow.pth", tmp_path / "models"
    paths = []
    threads = [
        threading.Thread(
            target=lambda: paths.append(download(url, SHA256, "", tmp_path))
        )
        for _ in range(2)
    ]
    for thread in threads:
        server.half_way.clear()
        thread.start()
        assert server.half_way.wait(timeout=10)
    # Keras opens its file when the answer begins.
    for _ in range(100):
        if len([path for path in folder.rglob("slow.pth")]) == 2:
            break
        time.sleep(0.02)
    assert not (folder / "slow.pth").exists()
    server.go_on.set()
    for thread in threads:
        thread.join()
    assert paths == [str(folder / "slow.pth")] * 2
    assert files(tmp_path) == [folder / "slow.pth"]
    assert (folder / "slow.pth").read_bytes() == CONTENT


def test_no_space(server, tmp_path):
    url = f"{server.url}/whole.pth"
    with limited_file_size(1000), pytest.raises(DiskFullError) as error:
        download(url, SHA256, "", tmp_path)
    assert f"{tmp_path / 'models' / 'whole.pth'} takes more than is allowed" in str(
        error.value
    )
    assert not files(tmp_path)


def test_downloads_by_keras_wait_for_each_other(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    built = []

    def build(**arguments):
        with pytest.raises(FolderInUseError):
            FolderLock(tmp_path / "models").acquire()
        built.append(arguments)

    monkeypatch.setattr(keras.applications, "VGG16", build)
    load_application("VGG16", "imagenet", input_shape=(8, 8, 3))
    shape = {"input_shape": (8, 8, 3)}
    assert built == [{"include_top": False, "weights": "imagenet", **shape}]
    lock = FolderLock(tmp_path / "models")
    lock.acquire()
    lock.release()
