"""The search of rules' parameters finds what it is asked for and goes on where it was cut off."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from metaenv_experiments.config import TuneRules
from metaenv_experiments.training.tunable import tunable

import metaenv
from metaenv_agents.rules import RULES, make_rule
from metaenv_experiments.commands.tune import rules as tune_rules
from metaenv_experiments.commands.tune.rules import run
from metaenv_experiments.evaluation.policies import clinic, every_rule, frozen, tuned
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running.options import UsageError
from metaenv_experiments.training import rule_search as tuning_search
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
    assert stored(whole[:9]) + tried(21, told=stored(whole[:9])) == whole


def test_trials_of_another_search_are_refused():
    whole = tried(9)
    with pytest.raises(ValueError, match="not those of this search"):
        tried(13, told=[whole[0], *reversed(whole[1:])])
    with pytest.raises(ValueError, match="do not begin with the rule's defaults"):
        tried(13, told=whole[1:])


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


def test_rules_are_tuned_on_train_patients_and_checked_on_validation_patients(tmp_path, monkeypatch):
    treated, real = {"train": [], "validation": []}, tuning_search.play
    for module, cohort in ((tuning_search, "train"), (tune_rules, "validation")):

        def play(task, make, ids, cohort=cohort):
            treated[cohort] += ids.tolist()
            return real(task, make, ids)

        monkeypatch.setattr(module, "play", play)
    run(TuneRules(policies=("at50",), patients=3, trials=2, processes=1, out=tmp_path / "run"))
    for cohort, ids in treated.items():
        assert ids and set(ids) <= set(metaenv.COHORTS[cohort])


def test_a_record_takes_part_in_a_benchmark_and_results_do_not_depend_on_processes(tmp_path):
    recorded = []
    for processes in (1, 2):
        out, record = tmp_path / f"run{processes}", tmp_path / f"tuned{processes}.json"
        options = {"policies": ("containment", "at50"), "patients": 4, "trials": 5, "processes": processes}
        run(TuneRules(**options, out=out, record=record))
        recorded.append(json.loads(record.read_text()))
    assert recorded[0] == recorded[1]
    names = [each.name for each in tuned(record, TASK)]
    assert names == ["containment, tuned", "at50, tuned"]
    rules = recorded[0]["rules"]
    assert all(rules[name]["train"]["tuned"] >= rules[name]["train"]["defaults"] for name in rules)
    kept = recorded[0]["rules"]["containment"]["parameters"]
    assert tuned(record, TASK)[0].parameters == frozen(kept)
    with pytest.raises(UsageError, match="must be of the disease 'lung'"):
        tuned(record, Task(disease="lung", cohort="train", patients=1, seed=0))
    rarer = tmp_path / "rarer.json"
    run(TuneRules(policies=("at50",), visit_interval=84.0, patients=2, trials=1, out=tmp_path / "rarer", record=rarer))
    assert tuned(rarer, replace(TASK, visit_interval=84.0))[0].name == "at50, tuned"
    with pytest.raises(UsageError, match="tuned for a visit every 84 days, got one every 28"):
        tuned(rarer, TASK)
    torn = tmp_path / "torn.json"
    torn.write_text(record.read_text()[:40])
    with pytest.raises(UsageError, match="must be a record of tune-rules"):
        tuned(torn, TASK)
    with pytest.raises(UsageError, match="must be tunable here"):
        run(TuneRules(policies=("no_treatment",), out=tmp_path / "none"))
    assert not np.isnan(rules["at50"]["validation"]["gain"]["value"])
