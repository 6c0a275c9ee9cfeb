"""Pages of results are views of the tables, made from nothing else."""

import shutil

import pytest

from metaenv_experiments.evaluation.policies import LEARNER, ORACLE, RULE, SIMPLE, TUNED_RULE
from metaenv_experiments.reporting.results_pages import (
    BEGIN,
    END,
    FRONT,
    front_part,
    one_page,
    outcome_table,
    task_page,
    write_pages,
)
from metaenv_experiments.reporting.results_rows import rows_of, task_row_of, training_rows_of
from metaenv_experiments.reporting.results_table import FOLDER, TASKS, TRAININGS, Row, TaskRow, TrainingRow, write_rows
from metaenv_experiments.reporting.verdicts import Results

BAR = {"at50, tuned": (TUNED_RULE, 2.0)}


def told(folder, *, size="full", task=None):
    """What the tables say of a benchmark, of a disease of another name if asked for, and how learners were trained."""
    about = task_row_of(folder, size=size)
    name = task or about.task
    rows = [row._replace(task=name) for row in rows_of(folder, size=size)]
    about = about._replace(task=name, disease=task or about.disease)
    return Results(about, rows), [row._replace(task=name) for row in training_rows_of(folder)]


def cells(text):
    """The cells of every row of the tables of a page, without headers."""
    rows = [line[2:-2].split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [row for k, row in enumerate(rows) if row[0] != "---" and (k + 1 == len(rows) or rows[k + 1][0] != "---")]


def test_the_page_of_a_task_says_whom_it_treats_how_it_was_made_and_how_learners_were_trained(finished):
    other = {"finished": False, "first_command": "metaenv train --total-timesteps 1"}
    policies = {**BAR, "ppo": (LEARNER, 3.0), "sac": (LEARNER, 1.0)}
    page = task_page(*told(finished(policies, trainings={"sac": other}, visit_interval=42.0, shift="faster_mutation")))
    assert page.startswith("# Lung, every 42 days, faster mutation\n\n200 patients of the test cohort, seed 3, ")
    assert "`metaenv/Lung-v1`, a visit every 42 days" in page and "commit `0123456789ab`." in page
    assert "    metaenv benchmark --disease lung\n" in page
    assert "- best learner above the bar: **met**. ppo 3.0" in page
    assert "- ppo: `metaenv train --out runs/ppo`, 1,000 visits, commit `ffffffffffff`\n" in page
    assert (
        "- sac: `metaenv train --out runs/sac`, begun as `metaenv train --total-timesteps 1`, 1,000 visits, "
        "commit `ffffffffffff`, **not finished**\n"
    ) in page
    assert "quick" not in page


def test_policies_stand_in_the_order_of_their_return_with_their_regret(finished):
    folder = finished({"at50": (RULE, 1.0), "oracle": (ORACLE, 3.0), "ppo": (LEARNER, 2.0)})
    results, _ = told(folder)
    table = outcome_table(results)
    assert [row[:2] for row in table.rows] == [("oracle", ORACLE), ("ppo", LEARNER), ("at50", RULE)]
    regret = [row[table.header.index("regret")] for row in table.rows]
    assert regret == ["", "1.00 (1.00–1.00)", "2.00 (2.00–2.00)"]
    assert table.header[2] == "quality-adjusted years" and "dose of erlotinib, %" in table.header


def test_a_quick_run_is_marked_wherever_its_numbers_stand(finished):
    results, trainings = told(finished(BAR), size="quick")
    assert "**A quick run with small numbers.**" in task_page(results, trainings)
    assert "[lung](docs/results/lung.md) (quick)" in one_page([results])
    assert "[lung](docs/results/lung.md) (quick)" in front_part([results])


def test_one_page_has_a_row_for_each_task_with_the_policies_that_stand_for_all(finished):
    rules = {"no_treatment": (RULE, 0.5), "maximum_tolerated_dose": (RULE, 1.0), "standard_of_care": (RULE, 1.5)}
    others = {"at50": (RULE, 1.7), **BAR, "ppo": (LEARNER, 3.0), "oracle": (ORACLE, 4.0)}
    results, _ = told(finished({**rules, **others}))
    page = one_page([results])
    (row,) = [each for each in cells(page) if each[1] == "quality-adjusted years"]
    assert row[0] == "[lung](docs/results/lung.md)"
    shown = [cell.partition(" (")[0] for cell in row[2:]]
    exact = [results.get(name, "return").value for name in (*rules, "at50", "at50, tuned", "ppo", "oracle")]
    wanted = [f"{value:.2f}" for value in exact]
    names = ["", "", "", "at50: ", "at50, tuned: ", "ppo: ", ""]
    assert shown == [name + value for name, value in zip(names, wanted, strict=True)]


def test_what_was_missed_stands_before_what_was_met_each_with_the_way_to_its_page(finished):
    means = {"good": 3.0, "poor": 2.0}
    results = [told(finished({**BAR, "ppo": (LEARNER, mean)}), task=name)[0] for name, mean in means.items()]
    page = one_page(results)
    missed, met = page.partition("## Missed or undecided")[2].split("## Met")
    aim = "best learner above the bar"
    assert [row[:3] for row in cells(missed)] == [["[poor](docs/results/poor.md)", aim, "missed"]]
    assert [row[:3] for row in cells(met)] == [["[good](docs/results/good.md)", aim, "met"]]


def test_where_nothing_was_decided_there_is_no_table_of_verdicts(finished):
    results, trainings = told(finished({"at50": (RULE, 1.0)}))
    page = one_page([results])
    assert "## Missed or undecided" not in page and "## Met" not in page
    assert "## Verdicts" not in task_page(results, trainings) and trainings == []


def test_what_cannot_be_had_leaves_its_cell_empty(finished):
    alone, _ = told(finished({"at50": (RULE, 1.0)}), task="one")
    other, _ = told(finished({**BAR, "simple 1": (SIMPLE, 1.5)}), task="two")
    row, full = cells(one_page([alone, other]))
    assert row[2].startswith("at50: ") and row[3:] == ["", ""]
    assert full[2] == "" and full[3].startswith("at50, tuned: ") and full[4].startswith("simple 1: ")


@pytest.fixture
def root(finished, tmp_path):
    """A folder with the tables of two tasks and no page."""
    folder, place = finished({**BAR, "ppo": (LEARNER, 3.0)}), tmp_path / "root"
    abouts, trained = [], []
    for name in ("one", "two"):
        results, trainings = told(folder, task=name)
        write_rows(place / FOLDER / f"{name}.csv", results.rows, Row)
        abouts.append(results.task)
        trained += trainings
    write_rows(place / FOLDER / TASKS, abouts, TaskRow)
    write_rows(place / FOLDER / TRAININGS, trained, TrainingRow)
    return place


def test_pages_are_made_from_the_tables_alone_and_made_again_they_are_the_same(root):
    written = write_pages(root)
    names = {str(path.relative_to(root)) for path in written}
    assert names == {"RESULTS.md", "docs/results/one.md", "docs/results/two.md"}
    before = {path: path.read_bytes() for path in written}
    (root / "RESULTS.md").write_text("whatever stood there")
    shutil.rmtree(root / "docs")
    write_pages(root)
    assert {path: path.read_bytes() for path in written} == before
    assert "- ppo: `metaenv train --out runs/ppo`" in (root / "docs/results/two.md").read_text()


def test_without_tables_the_page_says_what_will_stand_there(tmp_path):
    (page,) = write_pages(tmp_path)
    assert page.read_text().startswith("# Results\n") and cells(page.read_text()) == []


def test_the_oracle_says_of_how_many_patients_it_is_where_not_of_all(finished):
    results, _ = told(finished({**BAR, "oracle": (ORACLE, 4.0)}))
    few = [row._replace(patients=96) if row.policy == "oracle" else row for row in results.rows]
    page = one_page([Results(results.task, few)])
    assert "first 96 patients" in page and "patients" not in cells(one_page([results]))[0][-1]


def test_the_first_page_has_a_row_per_disease_and_says_where_a_learner_is_above_the_bar(finished):
    usual, _ = told(finished({**BAR, "ppo": (LEARNER, 3.0)}), task="lung")
    other, _ = told(finished({**BAR, "ppo": (LEARNER, 1.0)}), task="breast")
    shifted, _ = told(finished({**BAR, "ppo": (LEARNER, 3.0)}, shift="faster_growth"))
    text = front_part([usual, other, shifted])
    assert [row[0] for row in cells(text)] == ["[lung](docs/results/lung.md)", "[breast](docs/results/breast.md)"]
    said = (
        "above the best tuned rule in 1 of 2 diseases (the intervals of the two means are apart in 1) and below in 1."
    )
    assert said in text.replace("\n", " ")
    simple, _ = told(finished({**BAR, "simple 1": (SIMPLE, 4.0), "ppo": (LEARNER, 3.0)}), task="lung")
    assert "above the best tuned rule and the best simple policy in 0 of 1 diseases (" in front_part([simple])


def test_of_the_first_page_only_what_stands_between_the_marks_is_written(root):
    front = root / FRONT
    front.write_text(f"# Ours\n\n{BEGIN}\nold numbers\n{END}\n\nMore.\n")
    assert front in write_pages(root)
    text = front.read_text()
    assert text.startswith(f"# Ours\n\n{BEGIN}\n| ") and text.endswith(f"\n{END}\n\nMore.\n")
    assert "old numbers" not in text and "[one](docs/results/one.md)" in text
    write_pages(root)
    assert front.read_text() == text


def test_a_first_page_without_marks_is_left_alone(root):
    (root / FRONT).write_text("# Ours\n")
    assert root / FRONT not in write_pages(root)
    assert (root / FRONT).read_text() == "# Ours\n"
