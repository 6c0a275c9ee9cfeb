"""What a benchmark prints of its outcomes."""

import io

import numpy as np
import pandas as pd
from rich.console import Console

from metaenv_experiments.evaluation.metrics import compare
from metaenv_experiments.evaluation.policies import NamedPolicy
from metaenv_experiments.evaluation.summary import BenchmarkSummary
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.reporting.outcome_tables import outcome_table, outcome_tables
from metaenv_experiments.reporting.tables import on_screen

STANDARD, NEW = "maximum_tolerated_dose", "new"


def summary(*, died=True):
    """A benchmark of three patients, who fare twice as well under the new policy."""
    task = Task(disease="prostate", cohort="test", patients=3, seed=0)
    tables = [
        pd.DataFrame(
            {
                "policy": name,
                "patient": task.ids,
                "return": factor * np.array([1.0, 2.0, 3.0]),
                "survival_days": factor * np.array([100.0, 200.0, 300.0]),
                "died": died,
                "progression_days": factor * np.array([50.0, 100.0, 150.0]),
                "progressed": True,
                "cured": False,
                "toxic": False,
                **{f"dose_intensity_{drug.name}": 0.5 for drug in task.scenario.drugs},
            }
        )
        for name, factor in ((STANDARD, 1.0), (NEW, 2.0))
    ]
    comparison = compare(pd.concat(tables), horizon=1000.0, reference=STANDARD)
    return BenchmarkSummary.of(task, [NamedPolicy(name=name, make=None) for name in (STANDARD, NEW)], comparison)


def printed(*tables, width=80):
    console = Console(width=width, record=True, file=io.StringIO())
    for table in tables:
        console.print(on_screen(table))
    return console.export_text()


def test_tables_fit_eighty_columns_without_cutting_a_number():
    text = printed(*outcome_tables(summary()))
    assert "…" not in text.replace(" … ", "")
    assert "4.00" in text and "2.00–6.00" in text and "+2.00" in text


def test_survival_is_not_reported_where_nobody_can_die():
    assert "survival" in printed(outcome_table(summary()))
    assert "survival" not in printed(outcome_table(summary(died=False)))


def test_the_reference_is_compared_with_nobody():
    outcomes, _, differences, reliability = outcome_tables(summary())
    assert [row[0] for row in outcomes.rows] == ["maximum tolerated dose", "new"]
    assert [row[0] for row in differences.rows] == ["new"]
    assert reliability.rows[0][2:] == ("", "") and reliability.rows[1][2] != ""
