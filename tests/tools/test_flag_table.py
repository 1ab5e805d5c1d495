"""The flags in docs/recipes.md, which are written from `Settings`."""

import re

import pytest
from flag_table import PATH, flag_table, with_flag_table

from crd_keras.experiment.settings import Settings

pytestmark = pytest.mark.any_backend


def test_document_is_up_to_date():
    text = PATH.read_text()
    assert text == with_flag_table(text), "run: python tools/flag_table.py"


def test_each_setting_has_a_row_with_its_default():
    rows = re.findall(r"^\| `--(\w+)` \| (?:`(.*?)`)? *\| \S.*\|$", flag_table(), re.M)
    assert [name for name, _ in rows] == list(Settings.__dataclass_fields__)
    defaults = dict(rows)
    assert defaults["image_size"] == "256"
    assert defaults["learning_rate"] == "0.0002"
    assert defaults["resume"] == "false"
    assert defaults["max_steps"] == ""


def test_linked_documents_exist():
    for link in re.findall(r"\]\((?!http)([^)#]+)", PATH.read_text()):
        assert (PATH.parent / link).exists(), link


@pytest.mark.parametrize("document", ["", flag_table()])
def test_document_without_marks(document):
    with pytest.raises(ValueError, match="`document` must have"):
        with_flag_table(document)
