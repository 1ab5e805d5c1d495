"""Reading the CSV log, and drawing it."""

import re
import xml.etree.ElementTree

import keras
import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from crd_keras.report.charts import LINE_STYLES
from crd_keras.report.curves import Curve, curves_svg
from crd_keras.report.read_metrics import read_metrics

pytestmark = pytest.mark.any_backend


def written(tmp_path, text):
    path = tmp_path / "metrics.csv"
    path.write_text(text)
    return path


def test_reads_what_the_logger_writes(tmp_path):
    path = tmp_path / "metrics.csv"
    logger = keras.callbacks.CSVLogger(path)
    logger.on_train_begin()
    logger.on_epoch_end(0, {"loss": 1.5, "swd": float("nan")})
    logger.on_epoch_end(1, {"loss": np.float32(0.25), "swd": 40.0})
    logger.on_train_end()
    columns = read_metrics(path)
    assert list(columns) == ["epoch", "loss", "swd", "val_loss", "val_swd"]
    np.testing.assert_array_equal(columns["epoch"], [0, 1])
    np.testing.assert_array_equal(columns["loss"], [1.5, 0.25])
    np.testing.assert_array_equal(columns["swd"], [np.nan, 40.0])
    # The logger writes "NA" where there is no validation.
    np.testing.assert_array_equal(columns["val_loss"], [np.nan, np.nan])


def test_gaps_words_resumed_epochs_and_a_line_cut_off(tmp_path):
    path = written(
        tmp_path,
        'epoch,a,b\n0,1,\n1,"[1, 2]",nan\n2,3,4,5,6\n1,7,inf\n,8,8\n3,9',
    )
    columns = read_metrics(path)
    np.testing.assert_array_equal(columns["epoch"], [0, 1, 2, 3])
    np.testing.assert_array_equal(columns["a"], [1, 7, 3, 9])
    np.testing.assert_array_equal(columns["b"], [np.nan, np.inf, 4, np.nan])


def test_header_only_and_not_a_log(tmp_path):
    columns = read_metrics(written(tmp_path, "epoch,loss\n"))
    assert columns["epoch"].shape == columns["loss"].shape == (0,)
    with pytest.raises(ValueError, match="column 'epoch'. Received:.*'loss'"):
        read_metrics(written(tmp_path, "loss,swd\n1,2\n"))
    with pytest.raises(ValueError, match="column 'epoch'. Received: None"):
        read_metrics(written(tmp_path, ""))


def lines(svg, colour=r"var\(--accent"):
    """The curves' paths: as many as there are, with their moves and lines."""
    paths = re.findall(rf'<path d="([^"]*)"[^>]*style="[^"]*stroke: {colour}', svg)
    return [re.findall("[ML]", path) for path in paths if "C" not in path]


def test_gaps_break_a_loss_and_not_a_metric():
    epochs = np.arange(1.0, 7)
    values = np.array([6.0, 5.0, np.nan, 3.0, np.inf, 1.0])
    loss = [Curve(values)]
    assert lines(curves_svg(epochs, loss)) == [["M", "L", "M", "M"]]
    assert lines(curves_svg(epochs, loss, join_gaps=True)) == [["M", "L", "L", "L"]]
    both = curves_svg(epochs, [Curve(values, values + 1)], join_gaps=True)
    assert len(lines(both)) == 2 and "stroke-dasharray" in both


def test_marked_epoch_has_a_ring():
    epochs, values = np.arange(1.0, 4), np.array([3.0, 1.0, 2.0])
    plain, marked = (
        curves_svg(epochs, [Curve(values, marked_epoch=m)]) for m in (None, 2)
    )
    assert marked.count("<use") == plain.count("<use") + 1


def test_each_of_several_curves_has_its_look():
    assert len(set(LINE_STYLES)) == 12
    epochs = np.arange(1.0, 4)
    svg = curves_svg(epochs, [Curve(epochs + i, style=LINE_STYLES[i]) for i in (0, 7)])
    assert lines(svg) == []
    for style in (LINE_STYLES[0], LINE_STYLES[7]):
        assert lines(svg, style.colour) == [["M", "L", "L"]]
    # Dashes are lengths in line widths of 1.3.
    assert re.findall("stroke-dasharray: ([^;]*)", svg) == ["1.3,1.56"]


def contrast(colour, paper):
    """That of two colours, by the Web Content Accessibility Guidelines 2."""
    lightness = []
    for text in (colour, paper):
        levels = np.array([int(text[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(levels > 0.04045, ((levels + 0.055) / 1.055) ** 2.4, 0)
        lightness.append(linear @ [0.2126, 0.7152, 0.0722] + 0.05)
    return max(lightness) / min(lightness)


@pytest.mark.parametrize("paper", ["#ffffff", "#15181c"])
def test_lines_stand_out_from_the_page(paper):
    assert min(contrast(style.colour, paper) for style in LINE_STYLES) >= 3


def test_svg_takes_the_colours_of_the_page_and_parses():
    svg = curves_svg(np.array([1.0]), [Curve(np.array([0.5]))])
    assert svg.startswith("<svg") and "currentColor" in svg and "var(--line)" in svg
    assert "#0" not in re.sub(r"#[mp]\w+", "", svg)
    xml.etree.ElementTree.fromstring(svg)
    ids = set(re.findall(r' id="([^"]+)"', svg))
    assert ids == set(re.findall(r"#([\w-]+)", svg))


def test_leaves_matplotlib_as_it_was():
    with matplotlib.rc_context({"font.size": 31, "axes.facecolor": "red"}):
        before = dict(matplotlib.rcParams)
        svg = curves_svg(np.arange(3.0), [Curve(np.arange(3.0))])
        assert dict(matplotlib.rcParams) == before
    assert plt.get_fignums() == []
    # Nor does the caller's style get into the picture.
    assert "31px" not in svg and "ff0000" not in svg
