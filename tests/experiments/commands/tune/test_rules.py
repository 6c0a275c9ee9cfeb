"""`tune rules`: on whom rules are tuned, what is recorded, and what the record is good for."""

from dataclasses import replace

import numpy as np
import pytest

import metaenv
from metaenv_experiments.commands.tune import rules
from metaenv_experiments.commands.tune.rules import Options, run
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.tuned_rules import TunedRules, frozen, tuned
from metaenv_experiments.running.options import UsageError
from metaenv_experiments.training import rule_search

TASK = Task(disease="prostate", cohort="train", patients=4, seed=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--ray", "local", "--processes", "2"], "--processes must be given without --ray, got 2"),
        (["--policies", "at50", "at50"], "--policies must be each name once"),
        (["--policies", "no_treatment"], "--policies must be tunable here, "),
        (["--record", "."], "--record must be a file, not a folder, got"),
    ],
)
def test_a_bad_request_is_answered_at_the_door(options, message, refused):
    refused(["tune", "rules", *options], message)


def test_rules_are_tuned_on_train_patients_and_checked_on_validation_patients(tmp_path, monkeypatch):
    treated, real = {"train": [], "validation": []}, rule_search.play
    for module, cohort in ((rule_search, "train"), (rules, "validation")):

        def play(task, make, ids, cohort=cohort):
            treated[cohort] += ids.tolist()
            return real(task, make, ids)

        monkeypatch.setattr(module, "play", play)
    run(Options(policies=("at50",), patients=3, trials=2, processes=1, out=tmp_path / "run"))
    for cohort, ids in treated.items():
        assert ids and set(ids) <= set(metaenv.COHORTS[cohort])


@pytest.mark.parametrize("several", [(1,), pytest.param((1, 2), marks=pytest.mark.slow)])
def test_a_record_takes_part_in_a_benchmark_and_results_do_not_depend_on_processes(several, tmp_path):
    recorded = []
    for processes in several:
        out, record = tmp_path / f"run{processes}", tmp_path / f"tuned{processes}.json"
        options = {"policies": ("containment", "at50"), "patients": 4, "trials": 5, "processes": processes}
        run(Options(**options, out=out, record=record))
        recorded.append(TunedRules.read_from(record))
        assert TunedRules.read(out) == recorded[-1]
    assert recorded[0] == recorded[-1]
    found = tuned(record, TASK)
    assert [each.name for each in found] == ["containment, tuned", "at50, tuned"]
    assert [(each.kind, each.rule) for each in found] == [("tuned rule", "containment"), ("tuned rule", "at50")]
    kept = recorded[0].rules
    assert all(each.train_tuned >= each.train_defaults for each in kept.values())
    assert found[0].parameters == frozen(kept["containment"].parameters)
    assert not np.isnan(kept["at50"].validation_gain.value)
    with pytest.raises(UsageError, match="must be of the disease 'lung'"):
        tuned(record, Task(disease="lung", cohort="train", patients=1, seed=0))


def test_rules_tuned_for_other_visit_intervals_are_refused(tmp_path):
    record = tmp_path / "rarer.json"
    run(Options(policies=("at50",), visit_interval=84.0, patients=2, trials=1, out=tmp_path / "run", record=record))
    assert tuned(record, replace(TASK, visit_interval=84.0))[0].name == "at50, tuned"
    with pytest.raises(UsageError, match="tuned for a visit every 84 days, got one every 28"):
        tuned(record, TASK)


def test_a_torn_record_is_refused(tmp_path):
    (tmp_path / "torn.json").write_text('{"version": 1, "disease"')
    with pytest.raises(UsageError, match=r"--tuned must be a record of `tune rules`: .*torn\.json cannot be read"):
        tuned(tmp_path / "torn.json", TASK)
