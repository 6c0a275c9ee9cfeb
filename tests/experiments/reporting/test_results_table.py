"""Tables of results are tidy: sorted, the same bytes for the same rows, and read as they were written."""

import itertools
import math

import pytest

from metaenv_experiments.reporting.results_table import (
    PartRow,
    Row,
    TaskRow,
    TrainingRow,
    merged,
    read_rows,
    replace_rows,
    write_rows,
)

ROWS = [
    Row("lung", "ppo", "learner", "return", 1.25, 1.0, 1.5, 200, 3, "full", "0123456789ab"),
    Row("lung", "at50, tuned", "tuned rule", "return", 2.0, math.nan, math.nan, 200, 1, "full", "001122334455"),
    Row("lung", "ppo", "learner", "gap_closed", math.nan, math.nan, math.nan, 200, 3, "quick", "unknown"),
]
OTHERS = [
    TaskRow(
        task="lung-every-42-days",
        disease="lung",
        unusual="every 42 days, true state shown",
        true_state=True,
        environment="metaenv/Lung-v1",
        unit="years",
        cohort="test",
        patients=16,
        seed=3,
        visit_interval=21.0,
        horizon=3650.0,
        size="quick",
        commit="12e4",
        command="metaenv benchmark 'a, b'",
    ),
    TrainingRow("lung", "ppo seed 0", 2048, False, "0123456789ab+", "metaenv train", ""),
    PartRow(
        "lung: train", "full", "0123456789ab", 13.5, "0123456789abcdef", 'metaenv train; metaenv export --name "a b"'
    ),
]


def test_rows_in_any_order_give_the_same_bytes_sorted(tmp_path):
    contents = set()
    for number, rows in enumerate(itertools.permutations(ROWS)):
        write_rows(tmp_path / f"{number}.csv", rows, Row)
        contents.add((tmp_path / f"{number}.csv").read_bytes())
    (content,) = contents
    lines = content.decode().splitlines()
    assert lines[0].split(",") == list(Row._fields)
    assert lines[1:] == [
        'lung,"at50, tuned",tuned rule,return,2,,,200,1,full,001122334455',
        "lung,ppo,learner,gap_closed,,,,200,3,quick,unknown",
        "lung,ppo,learner,return,1.25,1,1.5,200,3,full,0123456789ab",
    ]


def test_rows_are_read_as_they_were_written_with_nan_where_there_is_no_number(tmp_path):
    write_rows(tmp_path / "rows.csv", ROWS, Row)
    found = read_rows(tmp_path / "rows.csv", Row)
    assert repr(found) == repr([ROWS[1], ROWS[2], ROWS[0]])  # in words nan is itself
    assert {row.commit for row in found} == {row.commit for row in ROWS}, "a commit of digits alone is no number"


@pytest.mark.parametrize("row", OTHERS, ids=lambda row: type(row).__name__)
def test_every_kind_of_row_is_read_as_it_was_written(row, tmp_path):
    write_rows(tmp_path / "rows.csv", [row], type(row))
    assert read_rows(tmp_path / "rows.csv", type(row)) == [row]


def test_numbers_have_six_digits(tmp_path):
    write_rows(tmp_path / "rows.csv", [ROWS[0]._replace(value=1.23456789, low=1234567.0)], Row)
    (found,) = read_rows(tmp_path / "rows.csv", Row)
    assert (found.value, found.low) == (1.23457, 1.23457e6)


def test_a_table_that_is_not_there_has_no_rows(tmp_path):
    assert read_rows(tmp_path / "rows.csv", Row) == []


@pytest.mark.parametrize("header", ["task,policy", ",".join(reversed(Row._fields)), ",".join([*Row._fields, "more"])])
def test_a_table_with_other_columns_is_refused(header, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(f"{header}\n")
    said = f"{path} must have the columns task, policy, kind, .*, got {header.replace(',', ', ')}"
    with pytest.raises(ValueError, match=said):
        read_rows(path, Row)


def test_a_tasks_rows_are_replaced_and_those_of_other_tasks_kept(tmp_path):
    path, (task, *_) = tmp_path / "tasks.csv", OTHERS
    for rows in ([task], [task._replace(task="breast", patients=9)], [task._replace(patients=5)]):
        replace_rows(path, rows, rows[0].task, TaskRow)
    assert {(row.task, row.patients) for row in read_rows(path, TaskRow)} == {(task.task, 5), ("breast", 9)}
    replace_rows(path, [], task.task, TaskRow)
    assert [row.task for row in read_rows(path, TaskRow)] == ["breast"]


def test_nothing_is_written_where_there_is_nothing_to_write(tmp_path):
    replace_rows(tmp_path / "trainings.csv", [], "lung", TrainingRow)
    assert not (tmp_path / "trainings.csv").exists()


def test_the_last_rows_of_a_table_can_be_taken_out(tmp_path):
    path = tmp_path / "trainings.csv"
    replace_rows(path, [OTHERS[1]], "lung", TrainingRow)
    replace_rows(path, [], "lung", TrainingRow)
    assert read_rows(path, TrainingRow) == []


def test_a_number_stands_once_that_of_the_most_patients():
    row = ROWS[0]
    first = row._replace(policy="oracle", patients=96, value=4.0)
    known = [row, first]
    fewer = [row._replace(patients=96, value=9.0), first._replace(value=5.0)]
    assert {(each.policy, each.patients, each.value) for each in merged(known, fewer)} == {
        ("ppo", 200, 1.25),
        ("oracle", 96, 5.0),
    }
    assert [each.value for each in merged([row], [row._replace(value=2.0)])] == [2.0]
    assert merged([], known) == known


def test_a_gap_that_was_closed_towards_another_bar_is_told_no_more():
    gap = ROWS[0]._replace(metric="gap_closed", patients=96, value=0.3)
    gain = ROWS[0]._replace(metric="minus_bar", value=-0.2)
    assert merged([gap, gain._replace(value=0.1)], [gain]) == [gain]
    both = [gain._replace(patients=96), gap._replace(value=0.5)]
    assert {(each.metric, each.value) for each in merged([gap, gain], both)} == {
        ("minus_bar", -0.2),
        ("gap_closed", 0.5),
    }


def test_of_another_run_of_as_many_patients_nothing_old_is_left():
    old = ROWS[0]._replace(policy="sac")
    assert merged([ROWS[0], old], [ROWS[0]._replace(value=2.0)]) == [ROWS[0]._replace(value=2.0)]
