"""What setup.cfg lets in."""

import configparser
import pathlib

import pytest
from packaging.requirements import Requirement

pytestmark = pytest.mark.any_backend


@pytest.mark.parametrize("extra", ["tensorflow", "tensorflow-cpu"])
def test_tensorflow_is_capped(extra):
    """A later one may have no tf.lite."""
    settings = configparser.ConfigParser()
    settings.read(pathlib.Path(__file__).parents[1] / "setup.cfg")
    lines = settings["options.extras_require"][extra].split()
    (requirement,) = map(Requirement, lines)
    assert requirement.name == extra
    assert requirement.specifier.contains("2.21.1")
    assert not requirement.specifier.contains("2.22.0")
