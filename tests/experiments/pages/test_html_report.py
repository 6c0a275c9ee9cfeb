"""The page of a trial stands alone, and says the numbers of its summary."""

import json
import re

import pandas as pd
import pytest

from experiments.config import Benchmark
from experiments.pages import html_report
from experiments.pages.patient_pictures import _stretches
from experiments.pages.pictures import at_risk
from experiments.running.store import RunFolder
from experiments.trials.contestants import rule
from experiments.trials.tasks import Task
from experiments.trials.trial import Trial

POLICIES = ("no_treatment", "maximum_tolerated_dose")


# with a marker, without, without death, without courses
@pytest.mark.parametrize(("disease", "watch"), [("prostate", 3), ("breast", 3), ("strobl2021", 3), ("strobl2021", 0)])
def test_the_page_needs_no_network_and_shows_every_policy(disease, watch, tmp_path):
    task = Task(disease=disease, cohort="test", patients=3, seed=0)
    folder = RunFolder.create(Benchmark(), out=tmp_path / "run")
    contestants = [rule(name, task) for name in POLICIES]
    trial = Trial(
        task=task, contestants=contestants, folder=folder, chunk=3, watch=watch, reference="maximum_tolerated_dose"
    )
    trial.run()
    page = html_report.write(folder).read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!data:)|@import|url\(""", page)
    assert page.count("<img ") == (2 if watch == 0 else 3 + len(POLICIES))
    summary = json.loads((folder.path / "summary.json").read_text())
    for name in POLICIES:
        assert f"<td>{name.replace('_', ' ')}</td>" in page
        assert f"{summary['policies'][name]['return']['value']:.2f} (" in page


def test_numbers_at_risk_are_those_still_followed():
    episodes = pd.DataFrame({"policy": ["a", "a", "b"], "survival_days": [365.25, 800.0, 100.0]})
    assert at_risk(episodes).header == ("policy", "0", "1", "2")
    assert at_risk(episodes).rows == [("a", "2", "2", "1"), ("b", "1", "0", "0")]


def test_neighbouring_visits_with_one_treatment_are_one_bar():
    assert _stretches(["a", "a", "b", "a"], [0.0, 1.0, 3.0, 4.0, 6.0]) == {
        "a": [(0.0, 3.0), (4.0, 2.0)],
        "b": [(3.0, 1.0)],
    }


def test_names_are_escaped():
    from experiments.pages.sheets import Sheet

    assert "<td>&lt;b&gt;</td>" in html_report._table(Sheet("", ("x",), [("<b>",)]))
    assert html_report._bold("a **b** <c>") == "a <b>b</b> &lt;c&gt;"
