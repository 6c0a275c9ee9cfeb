"""What tells curves apart, and which are drawn where there are many."""

import pandas as pd
from metaenv_experiments.config import Benchmark

from metaenv_experiments.evaluation.benchmark import COURSES, EPISODES, Trial
from metaenv_experiments.evaluation.policies import LEARNER, RULE, TUNED_RULE, rule
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.reporting.figures import COLOURS, DASHES, course, styles_of, survival
from metaenv_experiments.reporting.shown_policies import foremost
from metaenv_experiments.running.store import RunFolder


def test_no_two_policies_look_alike():
    policies = [f"policy {k}" for k in range(len(COLOURS) * len(DASHES))]
    styles = styles_of(policies)
    assert list(styles) == policies
    assert len({(style["color"], style["linestyle"]) for style in styles.values()}) == len(policies)


def trial(policies, *, trainings):
    """A run's summary of `{name: (kind, return)}` and `{name: (training, validation score)}`."""
    return {
        "policies": {name: {"return": {"value": value}} for name, (_, value) in policies.items()},
        "kinds": {name: kind for name, (kind, _) in policies.items()},
        "parameters": {
            name: {"algo": "ppo", "group": group, "validation": score} for name, (group, score) in trainings.items()
        },
        "reference": "standard",
        "patients": 3,
        "scenario": {"disease": "prostate"},
    }


SEEDS = {f"seed {k}": (LEARNER, 4.0 + k / 10) for k in range(3)}
RULES = {"none": (RULE, 0.0), "standard": (RULE, 1.0), "plain": (RULE, 2.0), "worse": (TUNED_RULE, 2.5)}
SUMMARY = trial(
    {**RULES, "tuned": (TUNED_RULE, 3.0), **SEEDS, "combined": (LEARNER, 4.1)},
    trainings={"seed 0": ("a", None), "seed 1": ("a", 2.0), "seed 2": ("a", 1.0), "combined": ("b", 1.0)},
)


def test_where_few_are_shown_they_are_the_reference_the_best_of_each_kind_and_one_seed_of_each_training():
    assert foremost(SUMMARY, 5) == ["standard", "plain", "tuned", "seed 1", "combined"]
    assert foremost(SUMMARY, 7) == ["none", "standard", "plain", "worse", "tuned", "seed 1", "combined"]
    assert foremost(SUMMARY, 8) == [name for name in SUMMARY["policies"] if name != "seed 0"]
    assert foremost(SUMMARY, 1) == ["standard"]


def test_survival_has_a_line_in_the_legend_for_each_policy_shown_and_one_for_all_others():
    episodes = pd.DataFrame(
        [
            {"policy": name, "survival_days": 100.0 + k, "died": True, "progression_days": 50.0, "progressed": k > 0}
            for name in SUMMARY["policies"]
            for k in range(3)
        ]
    )
    (legend,) = survival(episodes, SUMMARY, ["standard", "tuned"]).legends
    assert [text.get_text().partition(":")[0] for text in legend.get_texts()] == ["standard", "tuned", "7 others"]
    figure = survival(episodes, SUMMARY, list(SUMMARY["policies"]))
    assert len(figure.legends[0].get_texts()) == len(SUMMARY["policies"])


def test_an_infusion_just_before_a_death_shrinks_no_other_dose(tmp_path):
    task = Task(disease="prostate", cohort="test", patients=1, seed=0)
    folder = RunFolder.create(Benchmark(patients=1), out=tmp_path / "run")
    both = rule("maximum_tolerated_dose", task, drugs="all")
    Trial(task=task, policies=[both], folder=folder, chunk=1, watch=1, reference=both.name).run()
    courses, episodes = (folder.read_table(name) for name in (COURSES, EPISODES))
    summary, heights = folder.read_json("summary.json"), []
    for dose in (1.0, 124.0):
        courses.loc[courses.index[-1], "dose_docetaxel"] = dose
        lanes = course(courses, episodes, summary, int(task.ids[0])).axes[3]
        heights.append(lanes.get_ylim()[1])
    assert heights[1] <= 2.0 * heights[0]
