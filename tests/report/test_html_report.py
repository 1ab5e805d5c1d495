"""The report: what it says, that it stands alone, that it survives odd runs."""

import base64
import io
import os
import re

import numpy as np
import pytest
from PIL import Image

from crd_keras.complexity import Complexity
from crd_keras.report.charts import LINE_STYLES
from crd_keras.report.front import StudentPoint
from crd_keras.report.html_report import NetworkRow, write_report
from tests.report.page import Page

pytestmark = pytest.mark.any_backend

ROWS = [
    NetworkRow("original", Complexity(11_378_179, 49_551_507_456, 56_799_264_768)),
    NetworkRow("input", metrics={"SWD": 141.234}),
    NetworkRow(
        "student",
        Complexity(137_347, 954_728_448, 1_407_713_280),
        {"SWD": 48.0, "FID": float("nan")},
    ),
]
BASIC = {"title": "Title", "label": "Label", "rows": ROWS, "image_size": (256, 192)}


def report(tmp_path, **arguments):
    path = tmp_path / "report.html"
    write_report(path, **{**BASIC, **arguments})
    return Page(path.read_text(encoding="utf-8"))


def history(tmp_path, text):
    path = tmp_path / "metrics.csv"
    path.write_text(text)
    return path


def test_table_has_the_numbers(tmp_path):
    page = report(tmp_path, protocols=["SWD x 1e3: levels 64-32-16"])
    head = ["network", "parameters", "ratio", "MACs, paper’s way", "ratio"]
    expected = [
        "original | 11,378,179 | 1.0× | 56.80 G | 1.0× | 49.55 G | 1.0× | – | –",
        "input | – | – | – | – | – | – | 141.2 | –",
        "student | 137,347 | 82.8× | 1.408 G | 40.3× | 0.955 G | 51.9× | 48 "
        "| not finite",
    ]
    (table,) = page.tables
    assert table[0] == [*head, "MACs, true", "ratio", "SWD", "FID"]
    assert [" | ".join(row) for row in table[1:]] == expected
    assert page.says("one image of 256 x 192")
    assert page.says("SWD x 1e3: levels 64-32-16")
    assert page.says("smaller than “original”")


def test_says_which_direction_is_better(tmp_path):
    page = report(tmp_path, higher_is_better=["FID"])
    assert page.says("SWD: lower is better.") and page.says("FID: higher is better.")


def test_the_best_epoch_is_marked(tmp_path):
    text = "epoch,loss,teacher_swd\n0,3,7.5\n1,2,4.25\n2,1,5.0\n"
    path = history(tmp_path, text)
    page = report(tmp_path, history=path, metric_columns={"teacher_swd": 1})
    assert page.says("best 4.25 (epoch 2)")
    # An epoch of which nothing has been logged.
    page = report(tmp_path, history=path, metric_columns={"teacher_swd": 7})
    assert page.says("teacher_swd 5")


def test_small_networks_in_millions_and_without_any_network(tmp_path):
    page = report(tmp_path, rows=[NetworkRow("tiny", Complexity(0, 0, 12_345_678))])
    cells = ["tiny", "0", "–", "12.35 M", "1.0×", "0.000 M", "–"]
    assert page.tables[0][1] == cells
    page = report(tmp_path, rows=[NetworkRow("input", metrics={"SWD": 1.0})])
    assert page.tables[0][1] == ["input", *["–"] * 6, "1"]


def test_label_title_and_sections_are_escaped(tmp_path):
    page = report(
        tmp_path,
        title="<b>title</b> & more",
        label='<script>alert("label")</script>',
        rows=[NetworkRow("<i>row</i>", metrics={"<u>swd</u>": 1.0})],
        protocols=["<em>protocol</em>"],
        history=history(tmp_path, "epoch,<s>loss</s>\n0,1\n"),
        sections={"<h5>Settings": {"<key>": "<value> & {braces}", "epochs": 3}},
    )
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "i", "u", "em", "s", "h5", "key", "value"}
    for text in ("<b>title</b> & more", '<script>alert("label")</script>'):
        assert page.says(text)
    assert page.says("<s>loss</s>") and page.says("<em>protocol</em>")
    assert page.tables[-1] == [
        ["<key>", "<value> & {braces}"],
        ["epochs", "3"],
    ]


def test_stands_alone(tmp_path):
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype="uint8")
    Image.fromarray(image).save(tmp_path / "grid.png")
    page = report(
        tmp_path,
        grid=tmp_path / "grid.png",
        grid_caption='after "5" epochs',
        history=history(tmp_path, "epoch,loss,teacher_swd\n0,1,\n1,2,3\n"),
        metric_columns={"teacher_swd": None},
    )
    for tag, attributes in page.tags:
        assert tag not in ("script", "link", "iframe", "object")
        for name in ("src", "href", "xlink:href", "srcset", "data", "action"):
            assert attributes.get(name, "#").startswith(("#", "data:")), (tag, name)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "@import" not in text
    assert all(url.startswith("#") for url in re.findall(r"url\(([^)]*)\)", text))
    assert "default-src 'none'" in text
    ((_, attributes),) = [tag for tag in page.tags if tag[0] == "img"]
    assert attributes["alt"] == 'after "5" epochs'
    data = base64.b64decode(attributes["src"].removeprefix("data:image/png;base64,"))
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), image)
    assert os.listdir(tmp_path).count("report.html") == 1
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".tmp")]


def test_curves_are_grouped(tmp_path):
    names = "loss row_angle teacher_loss teacher_swd inverse_discriminator val_loss"
    names = [*names.split(), "student_learning_rate", "empty"]
    rows = ["0,1,2,3,,4,5,6,", "1,0.5,2,nan,7.25,4,5,6,nan"]
    text = "\n".join([",".join(["epoch", *names]), *rows])
    page = report(
        tmp_path, history=history(tmp_path, text), metric_columns={"teacher_swd": None}
    )
    body = (tmp_path / "report.html").read_text(encoding="utf-8")
    groups = {}
    for part in body.split("<h3>")[1:]:
        captions = re.findall(r"<figcaption>(\w+) <b>([^<]*)</b>", part)
        groups[part[: part.index("<")]] = captions
    assert groups == {
        "Metric": [("teacher_swd", "7.25")],
        "Student": [("loss", "0.5"), ("row_angle", "2")],
        "Teacher": [("teacher_loss", "3")],
        "Discriminators": [("inverse_discriminator", "4")],
        "Learning rate": [("student_learning_rate", "6")],
    }
    assert page.says("Dashed: validation")


def family_report(tmp_path, names, columns, **arguments):
    """The page's groups of charts, each with its captions and numbers of lines."""
    table = np.column_stack([np.arange(2), *columns.values()])
    rows = [",".join(map(str, row)) for row in table]
    path = history(tmp_path, "\n".join([",".join(["epoch", *columns]), *rows]))
    points = [
        StudentPoint(name, float("nan"), 1, 1, None, None, True, False)
        for name in names
    ]
    page = report(tmp_path, front=points, history=path, **arguments)
    body = (tmp_path / "report.html").read_text(encoding="utf-8")
    groups = {}
    for part in body.split("<h3>")[1:]:
        figures = re.findall("<figcaption>(.*?)</figcaption>(.*?)</figure>", part, re.S)
        groups[part[: part.index("<")]] = [
            (caption, len(set(re.findall(r"stroke: (#\w+|var\(--accent\))", svg))))
            for caption, svg in figures
        ]
    return page, groups


def test_students_of_a_family_share_charts(tmp_path):
    columns = {
        "b/loss": [3, 2],
        "b/student_learning_rate": [0.1, 0.05],
        "b/student_swd": [50, 40],
        "a/l1": [0.5, 0.25],
        "a/loss": [4, 1],
        "a/student_learning_rate": [0.1, 0.05],
        "a/student_swd": [45, 55],
        "teacher_loss": [7, 6],
        "other/loss": [9, 8],
    }
    best = {"a/student_swd": 0, "b/student_swd": 1}
    page, groups = family_report(tmp_path, ["a", "b"], columns, metric_columns=best)
    assert groups == {
        "Metric": [("student_swd", 2)],
        # One student alone has it, in its own colour.
        "Students": [("loss", 2), ("l1 <b>0.25</b>", 1), ("other/loss <b>8</b>", 1)],
        "Teacher": [("teacher_loss <b>6</b>", 1)],
        # They are alike.
        "Learning rate": [("student_learning_rate <b>0.05</b>", 1)],
    }
    legend = [attributes for tag, attributes in page.tags if tag == "path"][:2]
    assert [x["stroke"] for x in legend] == [style.colour for style in LINE_STYLES[:2]]
    assert page.says("A ring marks a student’s best epoch.")
    body = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert body.index("</svg> a</li>") < body.index("</svg> b</li>")


def test_as_many_students_are_drawn_as_can_be_told_apart(tmp_path):
    names = [f"s{i}" for i in range(14)]
    columns = {f"{name}/loss": [i, i + 1] for i, name in enumerate(names)}
    page, groups = family_report(tmp_path, names, columns)
    # Twelve lines: two of each colour.
    assert groups == {"Students": [("loss", 6)]}
    assert page.says("The first 12 of 14 students are drawn.")


def test_family_of_one_needs_no_legend(tmp_path):
    page, groups = family_report(tmp_path, ["a"], {"a/loss": [2, 1]})
    assert groups == {"Students": [("loss <b>1</b>", 1)]}
    assert not page.says("A ring marks")
    assert {"class": "legend"} not in [attributes for _, attributes in page.tags]


def test_no_validation_is_no_validation(tmp_path):
    text = "epoch,loss,val_loss\n0,1,NA\n1,2,NA\n"
    page = report(tmp_path, history=history(tmp_path, text))
    assert sum(tag == "svg" for tag, _ in page.tags) == 1
    assert not page.says("Dashed")


@pytest.mark.parametrize(
    "text, curves",
    [
        ("epoch,loss,swd\n0,1.5,nan\n", 1),
        ("epoch,loss\n0,nan\n1,\n", 0),
        ("epoch,loss\n", 0),
        ("epoch,loss\n0,1\n1,inf\n2,-inf\n3,1e30\n4,1e-30\n", 1),
        ("epoch,loss\n0,0\n1,0\n", 1),
    ],
)
def test_short_and_broken_histories(tmp_path, text, curves):
    page = report(tmp_path, history=history(tmp_path, text))
    assert sum(tag == "svg" for tag, _ in page.tags) == curves
    assert page.says("No epoch has been logged.") == (curves == 0)


def test_refused_input_leaves_the_old_report(tmp_path):
    report(tmp_path)
    before = (tmp_path / "report.html").read_bytes()
    with pytest.raises(ValueError, match="column 'epoch'"):
        report(tmp_path, history=history(tmp_path, "a,b\n"))
    with pytest.raises(FileNotFoundError):
        report(tmp_path, grid=tmp_path / "missing.png")
    assert (tmp_path / "report.html").read_bytes() == before
