import pytest

from crd_keras.utils.text_table import text_table

pytestmark = pytest.mark.any_backend


def test_columns_are_as_wide_as_their_cells():
    rows = [["name", "", "n"], ["a", 12, 3.5], ["longer", "", 100]]
    assert text_table(rows) == "name        n\na       12  3.5\nlonger      100"


def test_no_spaces_at_the_end():
    assert text_table([["a", "b"], ["longer", ""]]) == "a       b\nlonger"


def test_rows_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="shorter"):
        text_table([["a", "b"], ["c"]])
