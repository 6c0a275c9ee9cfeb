"""Trained policies: how several are named, and what they have in common."""

import shutil
from dataclasses import replace

import pytest

from metaenv_experiments.__main__ import main
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.trained_policies import learned_alike, learners, seeds_in, share, shared
from metaenv_experiments.evaluation.training_record import Alike, TrainingRecord
from metaenv_experiments.running.options import UsageError
from metaenv_experiments.running.run_folder import POLICY

TASK = Task(disease="prostate", cohort="test", patients=2, seed=0)
LUNG = {"disease": "lung", "diseases": ("lung",)}


@pytest.fixture(scope="module")
def trained(tmp_path_factory, small_training):
    """A folder of two seeds for prostate cancer."""
    folder = tmp_path_factory.mktemp("trained")
    words = small_training(folder, "--seeds", 2, "--out", folder / "ppo")
    assert main([str(word) for word in words]) == 0
    return folder / "ppo"


@pytest.fixture
def copied(trained, tmp_path):
    """copied(name, **changes): a copy of one training whose record says something else."""

    def copy(name, **changes):
        shutil.copytree(trained / "seed-0", tmp_path / name)
        replace(TrainingRecord.read(trained / "seed-0"), **changes).write(tmp_path / name)
        return tmp_path / name

    return copy


def test_without_policies_nothing_is_learned_alike():
    assert learned_alike([], [], None) is None
    assert learned_alike([], [], "prostate") is None


def test_what_a_policy_learned_is_told_by_one_seed_for_all(trained, copied):
    assert learned_alike([trained], [], None) == ("prostate", Alike())
    assert learned_alike([copied("rare", observation="full", visit_interval=56.0)], [], None) == (
        "prostate",
        Alike("full", 56.0),
    )


def test_of_several_policies_the_first_says_which_disease_is_meant(trained, copied):
    lung = copied("lung", observation="full", **LUNG)
    assert learned_alike([lung, trained], [], None) == ("lung", Alike("full"))
    assert learned_alike([trained, lung], ["lung/ppo"], None) == ("prostate", Alike())
    assert learned_alike([], ["lung/ppo", "prostate/ppo"], None)[0] == "lung"


def test_where_a_disease_is_named_only_what_was_learned_of_it_counts(trained, copied):
    lung = copied("lung", observation="full", **LUNG)
    assert learned_alike([trained, lung], [], "lung") == ("lung", Alike("full"))
    assert learned_alike([trained], [], "breast") is None


def test_a_run_of_several_diseases_says_what_it_learned_of_the_one_that_is_named(copied, tmp_path):
    both = {"diseases": ("prostate", "lung")}
    for disease in ("prostate", "lung"):
        copied(f"both/{disease}", disease=disease, **both)
    assert learned_alike([tmp_path / "both"], [], "prostate") == ("prostate", Alike())
    assert learned_alike([tmp_path / "both"], [], None)[0] == "lung", "the first folder"
    assert share(tmp_path / "both", "prostate") == tmp_path / "both" / "prostate"


@pytest.mark.parametrize(
    ("runs", "agents", "said"),
    [
        (["/nowhere"], [], "--runs must be a run folder, got /nowhere"),
        ([], ["prostate/nobody"], "--agents prostate/nob"),
    ],
)
def test_a_policy_that_is_not_there_is_refused(runs, agents, said, tmp_path):
    from pathlib import Path

    with pytest.raises(UsageError, match=said):
        learned_alike([Path(run) for run in runs], agents, None)


def test_seeds_are_in_the_order_of_their_numbers(tmp_path):
    for seed in (10, 9, 0):
        (tmp_path / f"seed-{seed}").mkdir()
    assert [path.name for path in seeds_in(tmp_path)] == ["seed-0", "seed-9", "seed-10"]
    assert seeds_in(tmp_path / "seed-0") == [tmp_path / "seed-0"]


def test_a_name_is_the_learner_then_the_seed_then_the_folder_as_far_as_needed(trained, copied, tmp_path):
    assert [each.name for each in learners([trained / "seed-0"], TASK)] == ["ppo"]
    assert [each.name for each in learners([trained], TASK)] == ["ppo seed 0", "ppo seed 1"]
    refined = copied("refined", refined=True)
    assert [each.name for each in learners([trained / "seed-0", refined], TASK)] == ["ppo", "ppo refined"]
    again = copied("again")
    assert [each.name for each in learners([trained, again], TASK)] == ["ppo ppo seed-0", "ppo seed 1", "ppo again"]


def test_a_policy_says_how_it_was_trained(trained):
    one, other = (each.training for each in learners([trained], TASK))
    assert (one.learner, one.seeds, other.seeds, one.finished, one.shared) == ("ppo", (0,), (1,), True, False)
    assert one.group == other.group == str(trained) and one.source == str(trained / "seed-0")
    assert one.validation == TrainingRecord.read(trained / "seed-0").best
    exported = shared("prostate/ppo", TASK).training
    assert exported.shared and exported.source == exported.group == "prostate/ppo"


def test_a_training_that_is_given_twice_is_refused(trained):
    with pytest.raises(UsageError, match="--runs must be different trainings"):
        learners([trained, trained / "seed-1"], TASK)


def test_a_run_that_another_version_left_is_refused(copied):
    run = copied("old")
    (run / TrainingRecord.file).write_text('{"algo": "ppo"}')
    with pytest.raises(UsageError, match=r"--runs must be a run of this version of `train`: .* must be of version 1"):
        learners([run], TASK)


def test_a_folder_that_holds_policies_deeper_down_names_one(trained):
    with pytest.raises(UsageError, match=f"the folder of one policy here, such as {trained / 'seed-0'}"):
        learners([trained.parent], TASK)
    assert (trained / "seed-0" / POLICY).is_file()
