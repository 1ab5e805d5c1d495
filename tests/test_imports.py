"""How the packages of crd_keras import each other, read from the source alone.

Imports inside functions count too. That Python imports `crd_keras` itself before any
part of it does not.
"""

import ast
import functools
import pathlib
from collections.abc import Iterator

import pytest

import crd_keras

pytestmark = pytest.mark.any_backend

ROOT = pathlib.Path(crd_keras.__file__).parent
BACKENDS = {"jax", "tensorflow", "torch"}
ASKING = {"keras.backend.backend", "keras.config.backend"}

# `data` reads images with TensorFlow for every backend, `export` converts with it in a
# process of its own, and PyTorch's checkpoints take PyTorch to write.
MAY_NAME = {"backend", "data", "export", "state_dicts/state_dict.py"}


def test_packages_import_each_other_one_way():
    graph = {}
    for room, _, imported in all_imports():
        others = graph.setdefault(room, set())
        if imported.startswith("crd_keras."):
            others.add(room_of_module(imported))
    circles = {room for room in graph if room in reachable(graph, room)}
    assert {room: sorted(graph[room] & circles) for room in circles} == {}


def test_only_one_package_names_a_backend():
    naming = {
        (room, path)
        for room, path, imported in all_imports()
        if imported.split(".")[0] in BACKENDS or imported in ASKING
    }
    naming |= {
        (room, path)
        for room, path, tree in all_modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ASKING
    }
    assert {path for room, path in naming if not {room, path} & MAY_NAME} == set()
    # What is allowed is needed.
    assert MAY_NAME <= {name for pair in naming for name in pair}


@functools.cache
def all_modules() -> list[tuple[str, str, ast.Module]]:
    """Room, path and syntax tree of each module of crd_keras."""
    modules = []
    for path in sorted(ROOT.rglob("*.py")):
        relative = path.relative_to(ROOT)
        room = relative.parts[0].removesuffix(".py")
        room = "crd_keras" if room == "__init__" else room
        modules.append((room, relative.as_posix(), ast.parse(path.read_text())))
    return modules


def all_imports() -> Iterator[tuple[str, str, str]]:
    """Room, path and imported module of each import, also those inside functions."""
    for room, path, tree in all_modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield room, path, alias.name
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path} has a relative import"
                for alias in node.names:
                    yield room, path, f"{node.module}.{alias.name}"


def room_of_module(name: str) -> str:
    """Such as `"data"` for `"crd_keras.data.source.Images"`."""
    _, *parts = name.split(".")
    is_room = parts and (
        (ROOT / parts[0]).is_dir() or (ROOT / f"{parts[0]}.py").is_file()
    )
    # Else it is a name of the package itself, such as `crd_keras.CRDTrainer`.
    return parts[0] if is_room else "crd_keras"


def reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    """The rooms that one room imports, also by way of others, without itself."""
    found, waiting = set(), [*(graph[start] - {start})]
    while waiting:
        room = waiting.pop()
        if room not in found:
            found.add(room)
            waiting += graph.get(room, set()) - {room}
    return found
