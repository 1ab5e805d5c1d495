"""Which rows of tables share a run."""

import dataclasses

import pytest

from crd_keras.experiment.students import student_settings, students_of
from crd_keras.experiment.tables.planner import make_plan
from crd_keras.experiment.tables.rows import TITLES, make_table
from crd_keras.experiment.tables.runs import write_students
from tests.experiment.tables.fakes import each_table, finish, plan_of

pytestmark = pytest.mark.any_backend


class TestPlan:
    def test_rows_of_one_teacher_share_a_run(self, tmp_path):
        runs = plan_of(tmp_path, *TITLES).runs
        received = {run.name: (len(run.students), len(run.rows)) for run in runs}
        # The quick summer2winter is horse2zebra's, and the original of Pix2Pix is
        # the teacher of the students beside it.
        assert received == {
            "horse2zebra-generator-resnet-seed0": (1, 2),
            "horse2zebra-seed0": (17, 25),
            "edges2shoes-seed0": (2, 3),
            "horse2zebra-teacher-filters-8-seed0": (1, 3),
            "horse2zebra-batch-size-8-seed0": (1, 1),
            "horse2zebra-discriminator-regime-updating-seed0": (1, 1),
            "horse2zebra-discriminator-regime-updating-pretrained-seed0": (1, 1),
        }

    @pytest.mark.parametrize(
        ("numbers", "preset", "teachers"),
        [
            ((3, 4, 5, 7, 8, 9), "quick", 3),
            ((7,), "quick", 1),
            # With that of the original, though it is no row.
            ((6,), "quick", 4),
            ((1, 2), "paper", 5),
            (tuple(TITLES), "paper", 10),
        ],
    )
    def test_number_of_teachers(self, numbers, preset, teachers, tmp_path):
        runs = plan_of(tmp_path, *numbers, preset=preset, seeds=(3, 1)).runs
        assert [run.settings.seed for run in runs] == [1] * teachers + [3] * teachers

    @each_table
    def test_a_cell_is_the_rows_student_of_its_teacher(self, number, preset, tmp_path):
        plan = plan_of(tmp_path, number, preset=preset, seeds=(3,))
        for (name, seed), cell in plan.cells[number].items():
            rows = make_table(number, preset).rows
            row = next(row for row in rows if row.name == name)
            write_students(cell.run)
            if row.network == "teacher":
                assert cell.network == "teacher"
                received = cell.run.settings
            else:
                received = students_of(cell.run.settings)[cell.network]
            expected = dataclasses.asdict(row.settings) | {"seed": seed}
            if expected["discriminator_regime"] == "none":
                # Whom nothing reaches that the discriminator says.
                expected["discriminator_regime"] = "updating-freezing"
                expected["adversarial_weight"] = 0.0
            for setting, original in zip(row.pretrained, cell.needs, strict=True):
                assert "generator-resnet" in original.name
                expected[setting] = str(original.folder / "discriminator.keras")
            places = ("output_dir", "students")
            expected |= {name: getattr(received, name) for name in places}
            assert dataclasses.asdict(received) == expected

    def test_names_of_students(self, tmp_path):
        students = plan_of(tmp_path, 4, 7).cells[7]["10", 0].run.students
        base = student_settings(make_table(4, "quick").rows[-1].settings)
        assert students == {
            "contents-row-column": base | {"contents": "row,column"},
            "contents-column-patch": base | {"contents": "column,patch"},
            "contents-row-patch": base | {"contents": "row,patch"},
            "base": base,
            "relation-weight-10.0": base | {"relation_weight": 10.0},
            "relation-weight-50.0": base | {"relation_weight": 50.0},
        }

    def test_a_run_of_a_teacher_alone_has_a_student_that_costs_little(self, tmp_path):
        run = plan_of(tmp_path, 4).cells[4]["Baseline (w/o KD)", 0].run
        (student,) = run.students.values()
        changes = {"distillation": "pixel_l1", "adversarial_weight": 0.0}
        assert student == student_settings(run.settings) | changes
        assert run.settings.teacher_filters == run.settings.student_filters == 8

    def test_pretrained_rows_come_after_the_original_of_their_seed(self, tmp_path):
        plan = plan_of(tmp_path, 6, 1, seeds=(0, 1))
        order = plan.runs
        for seed in (0, 1):
            cells = {
                n: {k: x for (k, s), x in c.items() if s == seed}
                for n, c in plan.cells.items()
            }
            first = cells[1]["horse2zebra: Original"].run
            expected = str(first.folder / "discriminator.keras")
            freezing = cells[6]["Pre-trained (freezing)"]
            assert freezing.run is cells[6]["Our online (updating-freezing)"].run
            student = freezing.run.students[freezing.network]
            assert student["student_discriminator"] == expected
            updating = cells[6]["Pre-trained (updating)"].run
            assert updating.settings.discriminator_weights == expected
            for run in (freezing.run, updating):
                assert run.settings.seed == seed
                assert order.index(first) < order.index(run)

    def test_a_moved_folder_has_the_same_students(self, tmp_path):
        """Also the one that is shown the discriminator of another run."""
        (first, run) = plan_of(tmp_path / "tables", 6).runs[:2]
        finish(first)
        finish(run)
        (tmp_path / "tables").rename(tmp_path / "moved")
        runs = plan_of(tmp_path / "moved", 6).runs
        assert [(x.name, x.is_finished) for x in runs[:2]] == [
            (first.name, True),
            (run.name, True),
        ]
        assert len(runs) == 4

    def test_students_that_a_begun_run_lacks_get_a_further_run(self, tmp_path):
        first = plan_of(tmp_path, 7).cells[7]["Ours (25)", 0].run
        finish(first)
        plan = plan_of(tmp_path, 7, 8)
        runs = plan.runs
        assert [run.name for run in runs] == ["horse2zebra-seed0", first.name + "-2"]
        assert plan.cells[8]["Ours (2)", 0].run is runs[0]
        assert list(runs[1].students) == ["angle-weight-0.5", "angle-weight-1.0"]
        assert plan.describe().splitlines() == [
            "Plan: runs: 2, finished before: 1; rows, over all seeds: 6",
            "  horse2zebra-seed0: finished, reused; students: 3",
            "    table 7: 10; 50; Ours (25)",
            "    table 8: Ours (2)",
            "  horse2zebra-seed0-2: new, for students that earlier runs of this "
            "teacher are without; students: 2",
            "    table 8: 0.5; 1",
        ]
        write_students(runs[1])
        again = plan_of(tmp_path, 8, 7).runs
        assert {run.name: run.students for run in again} == {
            run.name: run.students for run in runs
        }

    def test_runs_of_other_settings_are_refused(self, tmp_path):
        table = make_table(7, "quick")
        finish(make_plan([table], [0], tmp_path).runs[0])
        rows = tuple(
            dataclasses.replace(row, base=dataclasses.replace(row.base, epochs=1))
            for row in table.rows
        )
        other = dataclasses.replace(table, rows=rows)
        with pytest.raises(
            ValueError, match=r"zebra-seed0 with .* epochs \(4, now 1\)"
        ):
            make_plan([other], [0], tmp_path)

    def test_a_run_whose_students_are_not_known_is_refused(self, tmp_path):
        (run,) = plan_of(tmp_path, 7).runs
        finish(run)
        run.students_file.unlink()
        with pytest.raises(ValueError, match=r"zebra-seed0 without .*seed0\.toml"):
            plan_of(tmp_path, 7)

    def test_a_damaged_record_is_refused(self, tmp_path):
        (run,) = plan_of(tmp_path, 7).runs
        finish(run)
        (run.folder / "run.json").write_text("")
        with pytest.raises(ValueError, match="run.json .*Received: an empty file"):
            plan_of(tmp_path, 7)
