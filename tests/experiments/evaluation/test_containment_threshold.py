"""Containment's threshold is searched on train patients of the usual population, whoever is treated afterwards."""

import metaenv
from metaenv_experiments.evaluation import policies
from metaenv_experiments.evaluation.containment_threshold import tune
from metaenv_experiments.evaluation.policies import rule
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running.run_folder import RunFolder


def test_the_threshold_of_test_patients_is_searched_on_train_patients_who_are_not_shifted(tmp_path, monkeypatch):
    treated, real = [], policies.play

    def play(task, make, ids, **options):
        treated.append((task, ids))
        return real(task, make, ids, **options)

    monkeypatch.setattr(policies, "play", play)
    task = Task(disease="strobl2021", cohort="test", patients=2, seed=0)
    shifted = Task(disease="prostate", cohort="test", patients=2, seed=0, shift="faster_mutation")
    for each in (task, shifted):
        folder = RunFolder(tmp_path / each.disease)
        (found,) = tune([rule("containment", each)], each, folder, patients=3, threshold=None)
        assert "the best of" in found.note and "on 3 train patients" in found.note
    assert {own.disease for own, _ in treated} == {"strobl2021", "prostate"}
    assert all(int(one) in metaenv.COHORTS["train"] for _, ids in treated for one in ids)
    assert {own.shift for own, _ in treated} == {None}
