"""The students of a family in the report: who is on the front, picture and table."""

import dataclasses
import re
import xml.etree.ElementTree

import numpy as np
import pytest

from crd_keras.report.front import StudentPoint, front
from crd_keras.report.front_chart import front_svg
from crd_keras.report.html_report import NetworkRow, write_report
from tests.report.page import Page

pytestmark = pytest.mark.any_backend

SMALL = StudentPoint("small", 60.0, 1_000, 2_000_000, 9_000, 0.25, True, False)
MIDDLE = StudentPoint("middle", 50.0, 2_000, 3_000_000, 12_345, 1.5, True, True)
WORSE = StudentPoint("worse", 55.0, 2_500, 3_500_000, 13_000, 0.5, True, False)
LARGE = StudentPoint("large", 40.5, 5_000, 250_000_000, 30_000, 4, False, False)
POINTS = [SMALL, MIDDLE, WORSE, LARGE]


def names(points, *arguments):
    return [point.name for point in front(points, *arguments)]


def report(tmp_path, points, **arguments):
    path = tmp_path / "report.html"
    row = NetworkRow("input", metrics={"swd": 141.2, "kid": 1.0})
    write_report(
        path,
        title="Title",
        label="Label",
        rows=[row],
        image_size=(64, 64),
        front=points,
        **arguments,
    )
    return Page(path.read_text(encoding="utf-8"))


def test_front_is_what_no_other_student_beats():
    assert names(POINTS, "macs", False) == ["small", "middle", "large"]
    assert names(POINTS[::-1], "macs", False) == ["small", "middle", "large"]
    # It is faster than the one that is better.
    assert names(POINTS, "latency_ms", False) == ["small", "worse", "middle", "large"]
    assert names(POINTS, "macs", True) == ["small"]


def test_front_of_random_students_against_all_pairs():
    generator = np.random.default_rng(0)
    values = generator.integers(0, 8, (30, 2))
    points = [
        dataclasses.replace(SMALL, name=str(i), parameters=int(size), score=float(bad))
        for i, (size, bad) in enumerate(values)
    ]
    smaller_or_same = (values[:, None] <= values[None]).all(axis=-1)
    differ = (values[:, None] != values[None]).any(axis=-1)
    best = np.flatnonzero(~(smaller_or_same & differ).any(axis=0))
    received = names(points, "parameters", False)
    assert sorted(received, key=int) == [str(i) for i in best]
    assert [values[int(i), 0] for i in received] == sorted(values[best, 0])


def test_scores_that_are_not_finite_beat_none():
    broken = dataclasses.replace(SMALL, score=float("nan"), macs=1)
    infinite = dataclasses.replace(SMALL, score=float("inf"), macs=1)
    assert names([broken, infinite, MIDDLE], "macs", True) == ["middle"]


def test_table_has_the_numbers_and_the_marks(tmp_path):
    page = report(tmp_path, POINTS)
    table = page.tables[1]
    head = ["student", "parameters", "MACs, true", "bytes", "latency, ms", "swd"]
    assert table[0] == [*head, "remarks"]
    assert [" | ".join(row) for row in table[1:]] == [
        "small | 1,000 | 2.000 M | 9,000 | 0.25 | 60 | on the front",
        "middle | 2,000 | 3.000 M | 12,345 | 1.5 | 50 | chosen, on the front",
        "worse | 2,500 | 3.500 M | 13,000 | 0.5 | 55 | on the front of latency, ms",
        "large | 5,000 | 0.250 G | 30,000 | 4 | 40.5 | over the budget, on the front",
    ]
    assert page.says("swd: lower is better.") and page.says("Pale: over the budget.")
    assert page.says("swd by bytes") and page.says("swd by latency, ms")
    assert sum(tag == "svg" for tag, _ in page.tags) == 4


def test_what_was_not_measured_is_left_out(tmp_path):
    points = [
        dataclasses.replace(p, bytes=None, latency_ms=None, is_allowed=True)
        for p in (SMALL, MIDDLE)
    ]
    page = report(tmp_path, points, higher_is_better=["swd"])
    assert page.tables[1] == [
        ["student", "parameters", "MACs, true", "swd", "remarks"],
        ["small", "1,000", "2.000 M", "60", "on the front"],
        ["middle", "2,000", "3.000 M", "50", "chosen"],
    ]
    assert sum(tag == "svg" for tag, _ in page.tags) == 2
    assert page.says("swd: higher is better.")
    assert not page.says("Pale")
    assert not page.says("LiteRT")


def test_no_finite_score_is_no_picture(tmp_path):
    page = report(tmp_path, [dataclasses.replace(SMALL, score=float("nan"))])
    assert page.tables[1][1][-2:] == ["not finite", ""]
    assert sum(tag == "svg" for tag, _ in page.tags) == 0


def test_without_a_family_there_is_no_front(tmp_path):
    page = report(tmp_path, [])
    assert len(page.tables) == 1 and not page.says("Students by size")


def test_names_are_escaped(tmp_path):
    points = [dataclasses.replace(SMALL, name="<i>&small"), MIDDLE]
    page = report(tmp_path, points)
    assert page.tables[1][1][0] == "<i>&small"
    assert "i" not in {tag for tag, _ in page.tags}
    # In the table, and at a point of each chart.
    assert page.text.count("<i>&small") == 5


def chart(points, quantity="macs"):
    svg = front_svg(points, quantity, higher_is_better=False)
    xml.etree.ElementTree.fromstring(svg)
    return svg


def texts(svg):
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_picture_names_points_marks_the_chosen_and_pales_those_over_budget():
    svg = chart(POINTS)
    assert {"small", "middle", "worse", "large"} <= set(texts(svg))
    # Four points and the ring, beside the ticks.
    assert len(re.findall(r"<use[^>]*fill: var\(--accent\)", svg)) == 4
    ring = r"<use[^>]*stroke: var\(--accent\)"
    assert len(re.findall(ring, svg)) == 5
    pale = re.findall(r"<(use|text)[^>]*opacity: 0\.4", svg)
    assert pale.count("text") == 1
    (line,) = re.findall(r'<path d="([^"]*)"[^>]*stroke: var\(--accent\)', svg)
    assert re.findall("[ML]", line) == ["M", "L", "L"]


@pytest.mark.parametrize(
    "sizes, ticks",
    [
        ((2_000_000, 3_000_000), ["2.1 M", "2.4 M", "2.7 M", "3 M"]),
        ((2_000_000, 20_000_000), ["2 M", "5 M", "10 M", "20 M"]),
        ((2_000_000, 200_000_000), ["3 M", "10 M", "30 M", "100 M", "300 M"]),
        ((0, 1_000), ["0", "300", "600", "900"]),
    ],
)
def test_axis_is_logarithmic_where_sizes_are_far_apart(sizes, ticks):
    points = [dataclasses.replace(SMALL, macs=size) for size in sizes]
    assert texts(chart(points))[: len(ticks)] == ticks


def test_names_without_room_are_left_out():
    crowd = [dataclasses.replace(SMALL, name=f"filters{i}") for i in range(24)]
    # The chosen one's comes first.
    svg = chart([*crowd, dataclasses.replace(SMALL, name="best", is_chosen=True)])
    shown = [text for text in texts(svg) if text.startswith("filters")]
    assert 1 < len(shown) < 24 and len(set(shown)) == len(shown)
    assert "best" in texts(svg)
