"""The page of a benchmark stands alone, and says the numbers of its summary."""

import re
from dataclasses import replace

import pytest

from metaenv_experiments.evaluation.benchmark import Benchmark
from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.evaluation.policies import LEARNER, TUNED_RULE, rule
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.reporting import html_report
from metaenv_experiments.running.provenance import Provenance
from metaenv_experiments.running.run_folder import RunFolder

POLICIES = ("no_treatment", "maximum_tolerated_dose")


def played(disease, watch, path):
    """The folder of a benchmark of three patients under both policies."""
    task = Task(disease=disease, cohort="test", patients=3, seed=0)
    folder = RunFolder(path)
    Provenance.now(0).write(path)
    policies = [rule(name, task) for name in POLICIES]
    Benchmark(task=task, policies=policies, folder=folder, chunk=3, watch=watch, reference=POLICIES[1]).run()
    return folder


# with a marker, without, without death, without courses
@pytest.mark.parametrize(
    ("disease", "watch"),
    [
        ("prostate", 1),
        pytest.param("prostate", 3, marks=pytest.mark.slow),
        pytest.param("breast", 3, marks=pytest.mark.slow),
        ("strobl2021", 0),
    ],
)
def test_the_page_needs_no_network_and_shows_every_policy(disease, watch, tmp_path):
    folder = played(disease, watch, tmp_path / "run")
    page = html_report.write(folder).read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!data:)|@import|url\(""", page)
    assert page.count("<img ") == (2 if watch == 0 else 3 + len(POLICIES))
    summary = BenchmarkSummary.read(folder.path)
    for name in POLICIES:
        assert f"<td>{name.replace('_', ' ')}</td>" in page
        assert f"{summary.policies[name].outcomes['return'].value:.2f} (" in page


def test_the_page_says_what_was_aimed_at_and_whether_it_was_reached(finished):
    page = html_report.write(finished({"at50, tuned": (TUNED_RULE, 2.0), "ppo": (LEARNER, 3.0)})).read_text()
    assert "<p>best learner above the bar: <b>met</b>. ppo 3.0" in page


def test_a_page_of_an_installed_package_says_that_its_commit_is_unknown(finished):
    folder = finished({"ppo": (LEARNER, 3.0)})
    replace(Provenance.read(folder.path), commit=None, dirty=None).write(folder.path)
    assert "commit <code>unknown</code>" in html_report.write(folder).read_text(encoding="utf-8")
