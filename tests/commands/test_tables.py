"""`crd tables`, with runs that are finished without any training."""

import json

import pytest
from absl import flags
from absl.testing import flagsaver

from crd_keras.commands import tables
from crd_keras.experiment.tables.listing import table_list
from crd_keras.experiment.tables.rows import make_table
from tests.experiment.tables.fakes import finish

pytestmark = pytest.mark.any_backend


def test_only_what_is_missing_is_run_again(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "table_png", lambda results: b"")
    chosen, done = [make_table(3, "quick"), make_table(7, "quick")], []

    def run(each):
        if len(done) == 4:
            raise KeyboardInterrupt
        finish(each)
        done.append(each.name)

    with pytest.raises(KeyboardInterrupt):
        tables.run_tables(chosen, [0, 1], tmp_path, run)
    text = (tmp_path / "table3.md").read_text()
    assert (
        "| Instance level (batch size 8) | distillation=instance_relation,percep"
        in text
    )
    assert "| Baseline (w/o KD) | teacher_filters=8, the teacher's score | 2 |" in text
    assert "| Ours | - | 1 |" in text
    assert "| 10 | relation_weight=10.0 | 1 |" in (tmp_path / "table7.md").read_text()
    again = []

    def run_rest(each):
        finish(each)
        again.append(each.name)

    assert tables.run_tables(chosen, [0, 1], tmp_path, run_rest) == []
    names = ["-teacher-filters-8", "", "-batch-size-8"]
    expected = [f"horse2zebra{name}-seed{seed}" for seed in (0, 1) for name in names]
    assert done == expected[:4] and again == expected[4:]


def test_a_failing_run_does_not_stop_the_others(tmp_path, capsys):
    def run(each):
        if each.name == "horse2zebra-seed0":
            raise RuntimeError("no memory")
        finish(each)

    failures = tables.run_tables([make_table(3, "quick")], [0], tmp_path, run)
    assert failures == ["horse2zebra-seed0: no memory"]
    shown = capsys.readouterr().out
    assert shown.startswith(
        "Plan: runs: 3, finished before: 0; rows, over all seeds: 4\n"
    )
    assert "[2/3] horse2zebra-seed0: failed: no memory" in shown
    rows = json.loads((tmp_path / "table3.json").read_text())["rows"]
    assert [bool(row["scores"]) for row in rows] == [True, False, True, False]
    assert [row["differences"] for row in rows] == [{}] * 4


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        *(("seeds", value) for value in ([], ["a"], ["0", "0"], ["-1"])),
        *(
            ("table", value)
            for value in (
                [],
                ["10"],
                ["3", "3"],
                ["all", "3"],
                ["5..3"],
                ["1..3", "2"],
                ["1..10"],
                ["1.."],
            )
        ),
    ],
)
def test_bad_flags(tmp_path, flag, value):
    flags.FLAGS.mark_as_parsed()
    given = {"table": ["6"], "output_dir": str(tmp_path / "t")} | {flag: value}
    with (
        flagsaver.flagsaver(**given),
        pytest.raises(SystemExit, match=f"tables: `--{flag}` must be .*Received"),
    ):
        tables.main([])
    assert not (tmp_path / "t").exists()


def test_all_quick_tables(tmp_path, monkeypatch, capsys):
    done = []

    def run(run, interruption):
        done.append(run.name)
        finish(run)

    monkeypatch.setattr(tables, "run_recipe", run)
    monkeypatch.setattr(tables, "table_png", lambda results: b"")
    flags.FLAGS.mark_as_parsed()
    given = {"table": ["all"], "preset": "quick", "output_dir": str(tmp_path)}
    with flagsaver.flagsaver(**given), pytest.raises(SystemExit) as ended:
        tables.main([])
    assert not ended.value.code
    # Four for each of two seeds.
    assert len(done) == 8
    shown = capsys.readouterr().out
    assert shown.startswith("Plan: runs: 8, finished before: 0;")
    assert "\n  left out: needs a teacher of its own; --max_teachers=4\n" in shown
    for number in range(1, 10):
        assert (tmp_path / f"table{number}.md").exists()


def test_list(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    flags.FLAGS.mark_as_parsed()
    given = {"table": ["1..2", "9"], "list": True}
    with flagsaver.flagsaver(**given), pytest.raises(SystemExit) as ended:
        tables.main([])
    assert not ended.value.code
    texts = [table_list(make_table(number, "paper")) for number in (1, 2, 9)]
    assert capsys.readouterr().out == "\n\n".join(texts) + "\n"
    assert not list(tmp_path.iterdir())
