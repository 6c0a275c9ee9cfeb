"""The search of rules' parameters finds what it is asked for and goes on where it was cut off."""

import json
import math

import pytest

from metaenv_agents.rules import RULES, make_rule, tunable
from metaenv_experiments.evaluation.policies import clinic, every_rule
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.tuned_rules import frozen
from metaenv_experiments.training.rule_search import MeanReturn, Tried, best, search

TASK = Task(disease="prostate", cohort="train", patients=4, seed=0)


def near(sets):
    """Highest where containment's threshold is 0.3; the defaults are worse than anything."""
    return [-abs(math.log(each["threshold"] / 0.3)) if each else -9.0 for each in sets]


def tried(trials, **more):
    batches = search("containment", clinic(TASK), near, trials=trials, seed=1, **more)
    return [each for batch in batches for each in batch]


def stored(found):
    kept = json.loads(json.dumps([each._asdict() for each in found]))
    return [Tried(frozen(each["parameters"]), each["score"]) for each in kept]


def test_the_search_begins_with_the_defaults_and_comes_near_the_best():
    found = tried(41)
    assert found[0] == Tried({}, -9.0)
    assert len(found) == 41
    assert best(found).parameters["threshold"] == pytest.approx(0.3, rel=0.15)


def test_a_search_that_was_cut_off_goes_on_as_if_it_had_not_been():
    whole = tried(21)
    assert stored(whole[:9]) + tried(21, known=stored(whole[:9])) == whole


def test_trials_of_another_search_are_refused():
    whole = tried(9)
    with pytest.raises(ValueError, match="not those of this search"):
        tried(13, known=[whole[0], *reversed(whole[1:])])
    with pytest.raises(ValueError, match="do not begin with the rule's defaults"):
        tried(13, known=whole[1:])


@pytest.mark.parametrize("disease", ["prostate", "lung", "breast", "breast_recurrent"])
def test_whatever_is_proposed_the_rule_accepts(disease):
    import optuna

    task = Task(disease=disease, cohort="train", patients=1, seed=0)
    names = tunable(list(every_rule(task)))
    assert {"at50", "containment", "intermittent"} <= set(names)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for name in names:
        for _ in range(20):
            make_rule(name, clinic(task), **RULES[name].search_space(study.ask(), clinic(task)))
            study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=len(study.trials)))


def test_every_rule_with_parameters_is_tuned_but_those_that_stand_for_something():
    assert set(RULES) - set(tunable(RULES)) == {"no_treatment", "random", "standard_of_care"}


def test_the_score_is_the_mean_return_and_ties_go_to_the_first():
    score = MeanReturn("no_treatment", TASK)
    assert score({}) == score({}) > 0.0
    assert best([Tried({}, 1.0), Tried({"threshold": 1.0}, 1.0)]).parameters == {}
