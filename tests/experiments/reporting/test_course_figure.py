"""One patient under each policy."""

import pytest

import metaenv
from metaenv_experiments.evaluation.benchmark import COURSES, EPISODES, Benchmark
from metaenv_experiments.evaluation.policies import rule
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.reporting.course_figure import course, course_of
from metaenv_experiments.running.run_folder import RunFolder


def played(disease, path, patients, name="maximum_tolerated_dose", *, procedures=False, **parameters):
    """The tables of a benchmark of one rule, and its summary."""
    task = Task(disease=disease, cohort="test", patients=patients, seed=0, local_therapy=procedures)
    folder, one = RunFolder(path), rule(name, task, **parameters)
    summary = Benchmark(
        task=task, policies=[one], folder=folder, chunk=patients, watch=patients, reference=one.name
    ).run()
    return folder.read_table(COURSES), folder.read_table(EPISODES), summary


@pytest.mark.parametrize(
    ("disease", "marker"), [("prostate", "PSA, ng/mL"), ("breast", "ctDNA, genome equivalents/mL")]
)
def test_a_course_tells_the_markers_unit_and_has_room_for_what_stays_as_it_is(disease, marker, tmp_path):
    blood = course_of(*played(disease, tmp_path, 3)).axes[2]
    assert blood.get_title("left").strip() == f"Blood: {marker}"
    low, high = blood.get_ylim()
    assert high / low >= 9.99  # a decade; in breast cancer nothing is found in the blood for years


def test_an_infusion_just_before_a_death_shrinks_no_other_dose(tmp_path):
    courses, episodes, summary = played("prostate", tmp_path, 1, drugs="all")
    heights = []
    for dose in (1.0, 124.0):
        courses.loc[courses.index[-1], "dose_docetaxel"] = dose
        lanes = course(courses, episodes, summary, int(summary.task.ids[0])).axes[3]
        heights.append(lanes.get_ylim()[1])
    assert heights[1] <= 2.0 * heights[0]


@pytest.mark.parametrize("procedures", [True, False])
def test_procedures_are_marked_where_they_are_offered(procedures, tmp_path):
    name = "local_first" if procedures else "maximum_tolerated_dose"
    courses, episodes, summary = played("lung", tmp_path, 8, name, procedures=procedures)
    done = courses.groupby("patient")["local_therapy"].apply(lambda each: (each[1:] > 0).sum())
    patient = int(done.idxmax())
    lines = course(courses, episodes, summary, patient).axes[3].lines
    marks = [line for line in lines if line.get_label() in metaenv.PROCEDURES]
    assert sum(len(line.get_xdata()) for line in marks) == done[patient]
    assert len(marks) == 2 * procedures and bool(done[patient] > 0) is procedures
