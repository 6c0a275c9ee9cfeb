"""The page of a trial stands alone, and says the numbers of its summary."""

import json
import re

import pandas as pd
import pytest
from metaenv_experiments.config import Benchmark

from metaenv_experiments.evaluation.benchmark import COURSES, EPISODES, SUMMARY, Trial
from metaenv_experiments.evaluation.policies import rule
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.reporting import html_report
from metaenv_experiments.reporting.figures import at_risk, course_of
from metaenv_experiments.reporting.patient_figures import _stretches
from metaenv_experiments.running.store import RunFolder

POLICIES = ("no_treatment", "maximum_tolerated_dose")


def played(disease, watch, path):
    """The folder of a trial of three patients under both policies."""
    task = Task(disease=disease, cohort="test", patients=3, seed=0)
    folder = RunFolder.create(Benchmark(), out=path)
    policies = [rule(name, task) for name in POLICIES]
    Trial(task=task, policies=policies, folder=folder, chunk=3, watch=watch, reference="maximum_tolerated_dose").run()
    return folder


# with a marker, without, without death, without courses
@pytest.mark.parametrize(("disease", "watch"), [("prostate", 3), ("breast", 3), ("strobl2021", 0)])
def test_the_page_needs_no_network_and_shows_every_policy(disease, watch, tmp_path):
    folder = played(disease, watch, tmp_path / "run")
    page = html_report.write(folder).read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!data:)|@import|url\(""", page)
    assert page.count("<img ") == (2 if watch == 0 else 3 + len(POLICIES))
    summary = json.loads((folder.path / "summary.json").read_text())
    for name in POLICIES:
        assert f"<td>{name.replace('_', ' ')}</td>" in page
        assert f"{summary['policies'][name]['return']['value']:.2f} (" in page


@pytest.mark.parametrize(
    ("disease", "marker"), [("prostate", "PSA, ng/mL"), ("breast", "ctDNA, genome equivalents/mL")]
)
def test_a_course_tells_the_markers_unit_and_has_room_for_what_stays_as_it_is(disease, marker, tmp_path):
    folder = played(disease, 3, tmp_path / "run")
    figure = course_of(folder.read_table(COURSES), folder.read_table(EPISODES), folder.read_json(SUMMARY))
    blood = figure.axes[2]
    assert blood.get_title("left") == f"Blood: {marker}"
    low, high = blood.get_ylim()
    assert high / low >= 9.99  # a decade; in breast cancer nothing is found in the blood for years


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
    from metaenv_experiments.reporting.tables import Sheet

    assert "<td>&lt;b&gt;</td>" in html_report._table(Sheet("", ("x",), [("<b>",)]))
    assert html_report._bold("a **b** <c>") == "a <b>b</b> &lt;c&gt;"


def test_a_page_of_an_installed_package_says_that_its_commit_is_unknown(tmp_path):
    folder = played("strobl2021", 0, tmp_path / "run")
    folder.write_json("provenance.json", {**folder.read_json("provenance.json"), "commit": None, "dirty": None})
    assert "commit <code>unknown</code>" in html_report.write(folder).read_text(encoding="utf-8")
