"""`tune simple`: whom candidates treat, what is kept, and what the record is good for."""

from dataclasses import replace

import numpy as np
import pytest

import metaenv
from metaenv_agents.simple import Dose, Simple
from metaenv_experiments.commands.tune import simple
from metaenv_experiments.commands.tune.simple import Options, run
from metaenv_experiments.evaluation.policies import rule
from metaenv_experiments.evaluation.simple_policies import FoundPolicies, simple_policies
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running.options import UsageError
from metaenv_experiments.running.processes import workers
from metaenv_experiments.training import simple_search
from metaenv_experiments.training.simple_search import Budget, Round, Tried, search

QUARTER = 91.0  # days between visits: so a search takes no time
TASK = Task(disease="strobl2021", cohort="train", patients=1, seed=0, visit_interval=QUARTER)
BUDGET = Budget(drawn=30, children=20, generations=2, patients=(2, 4), parents=5)
SMALL = {
    "disease": "strobl2021",
    "drawn": 20,
    "children": 10,
    "generations": 2,
    "patients": 1,
    "check_patients": 4,
    "visit_interval": QUARTER,
}


def searched(budget=BUDGET, known=(), seed=0, task=TASK):
    """Rounds, and the candidates of the last one."""
    with workers(1) as each_of:
        found = list(search(task, budget, seed, each_of, known))
    return [each for each in found if isinstance(each, Round)], [each for each in found if isinstance(each, Tried)]


def in_order(function, pieces):
    """As a map over processes, here."""
    return [function(each) for each in pieces]


@pytest.fixture
def treated(monkeypatch):
    """Patients of every round, each once: (set of ids, number of policies)."""
    seen, real = [], simple_search._play

    def play(task, candidates, each_of):
        seen.append((set(task.ids.tolist()), len(candidates)))
        return real(task, candidates, each_of)

    monkeypatch.setattr(simple_search, "_play", play)
    return seen


def test_every_round_has_train_patients_of_its_own_and_few_candidates_see_many(treated):
    searched()
    patients = [ids for ids, _ in treated]
    assert [len(ids) for ids in patients] == [2, 4, 2, 4] and len(set().union(*patients)) == 12
    assert set().union(*patients) <= set(metaenv.COHORTS["train"])
    assert [count for _, count in treated][:2] == [30 + 3, 8]
    assert 20 + 6 < treated[2][1] <= 20 + 5 + 6 and treated[3][1] < treated[2][1] / 3


def test_the_best_come_first_with_their_mean_over_all_patients_of_the_generation():
    _, tried = searched()
    assert [each.score for each in tried] == sorted((each.score for each in tried), reverse=True)
    best = tried[0]
    patients = replace(TASK, first=6, patients=6)
    (same,) = simple_search._play(patients, [best.policy], in_order).scores
    assert best.score == pytest.approx(same) and best.patients == 6


def test_constants_and_the_best_so_far_are_among_the_candidates(monkeypatch):
    asked, real = [], simple_search._play
    monkeypatch.setattr(
        simple_search, "_play", lambda task, given, each: asked.append(given) or real(task, given, each)
    )
    searched()
    assert {Simple(doses=(Dose(level=level),)) for level in (0.0, 0.5, 1.0)} <= set(asked[0])
    assert asked[2][0] in asked[1]


def test_parents_differ_in_structure_and_newcomers_are_among_their_children(monkeypatch):
    asked, real = [], simple_search._play

    def play(task, candidates, each_of):
        asked.append(candidates)
        return real(task, candidates, each_of)

    monkeypatch.setattr(simple_search, "_play", play)
    searched(replace(BUDGET, drawn=60, patients=(2, 4)))
    parents = asked[2][: len(asked[2]) - BUDGET.children - BUDGET.children // simple_search.NEWCOMERS]
    assert set(parents) <= set(asked[1])
    assert len({policy.structure for policy in parents}) == len(parents) > 2


def test_a_search_that_goes_on_ends_the_same_and_plays_nothing_twice(treated):
    rounds, tried = searched()
    treated.clear()
    again, same = searched(known=rounds[:3])
    assert len(treated) == 1 and again == rounds[3:] and same == tried
    assert searched(known=rounds) == ([], tried)


@pytest.mark.slow
def test_it_finds_what_pays_where_that_is_known():
    """In the model of Strobl2021 with cost and turnover less than the full dose lives longer (their figure 3)."""
    often = replace(TASK, visit_interval=None)
    _, tried = searched(Budget(drawn=100, children=50, generations=2, patients=(4, 8)), task=often)
    task = replace(often, cohort="validation", patients=16)
    full = rule("maximum_tolerated_dose", task).play(task, task.ids).episodes["return"].mean()
    (mine,) = simple_search._play(task, [tried[0].policy], in_order).scores
    assert mine > full


@pytest.mark.parametrize("several", [(1,), pytest.param((1, 2), marks=pytest.mark.slow)])
def test_a_record_takes_part_in_a_benchmark_and_results_do_not_depend_on_processes(several, tmp_path, monkeypatch):
    monkeypatch.setattr(simple_search, "ROWS", 16)  # several pieces of a round
    found = []
    for processes in several:
        out = tmp_path / f"run{processes}"
        run(Options(**SMALL, processes=processes, out=out, record=tmp_path / "simple.json"))
        found.append(FoundPolicies.read(out))
    assert found[0] == found[-1] == FoundPolicies.read_from(tmp_path / "simple.json")
    assert len(found[0].policies) == 3 and 20 + 3 + 10 < found[0].candidates <= 20 + 3 + 10 + 3 + 16
    assert [each.validation.value for each in found[0].policies] == sorted(
        (each.validation.value for each in found[0].policies), reverse=True
    )
    task = replace(TASK, cohort="test", patients=2)
    named = simple_policies(tmp_path / "simple.json", task)
    assert [(each.name, each.kind) for each in named] == [(f"simple {k}", "simple") for k in (1, 2, 3)]
    assert [each.note for each in named] == [each.said for each in found[0].policies]
    assert np.isfinite(named[0].play(task, task.ids).episodes["return"]).all()


def test_a_run_that_was_killed_goes_on(tmp_path, monkeypatch):
    run(Options(**SMALL, out=tmp_path / "whole"))
    written, real = [], simple.RunFolder.write_json

    def write(self, name, content):
        real(self, name, content)
        if name == simple.ROUNDS:
            written.append(name)
            if len(written) == 3:
                raise KeyboardInterrupt

    monkeypatch.setattr(simple.RunFolder, "write_json", write)
    with pytest.raises(KeyboardInterrupt):
        run(Options(**SMALL, out=tmp_path / "killed"))
    run(Options(**SMALL, out=tmp_path / "killed", resume=True))
    assert len(written) == 8
    assert FoundPolicies.read(tmp_path / "killed") == FoundPolicies.read(tmp_path / "whole")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--drawn", "0"], "--drawn must be >= 1, got 0"),
        (["--check-patients", "1"], "--check-patients must be >= 2, got 1"),
        (["--record", "."], "--record must be a file, not a folder, got"),
        (
            ["--disease", "breast", "--local-therapy", "True"],
            "local_therapy must be False for disease 'breast', which has no numbers for it",
        ),
    ],
)
def test_a_bad_request_is_answered_at_the_door(options, message, refused):
    refused(["tune", "simple", *options], message)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"disease": "lung"}, "--simple must be of the disease 'lung', got .* of 'prostate'"),
        ({"visit_interval": 56.0}, "days between visits 56.0, got .* of 28.0"),
        ({"local_therapy": False}, "local therapy False, got .* of True"),
        ({"drugs": ("docetaxel",)}, "drugs .*docetaxel.*, got .*abiraterone"),
    ],
)
def test_a_record_of_another_task_is_refused(change, message, tmp_path):
    record = FoundPolicies(
        disease="prostate",
        local_therapy=True,
        drugs=("abiraterone", "docetaxel"),
        seed=0,
        candidates=1,
        visits=1,
        policies=(),
    )
    record.write_to(tmp_path / "simple.json")
    task = Task(disease="prostate", cohort="test", patients=1, seed=0, local_therapy=True)
    assert simple_policies(tmp_path / "simple.json", task) == []
    with pytest.raises(UsageError, match=message):
        simple_policies(tmp_path / "simple.json", replace(task, **change))


def test_what_is_no_record_is_refused(tmp_path):
    (tmp_path / "torn.json").write_text("{")
    with pytest.raises(UsageError, match=r"--simple must be a record of `tune simple`: .*torn\.json cannot be read"):
        simple_policies(tmp_path / "torn.json", TASK)
