"""Records are read whole or refused, and come back as they were written."""

import importlib
import json
import math
import pkgutil
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, NamedTuple

import pytest

import metaenv_experiments
from metaenv_agents.simple import Condition, Dose, Simple
from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary, PolicySummary, Setting
from metaenv_experiments.evaluation.metrics import Difference
from metaenv_experiments.evaluation.policies import TrainedWith
from metaenv_experiments.evaluation.simple_policies import FoundPolicies, FoundPolicy
from metaenv_experiments.evaluation.statistics import Estimate
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.training_record import Score, Teacher, TrainingRecord
from metaenv_experiments.evaluation.tuned_rules import TunedRule, TunedRules
from metaenv_experiments.running.failures import BAD_REQUEST, ending
from metaenv_experiments.running.provenance import Part, Provenance
from metaenv_experiments.running.stored_records import Record, RecordError
from metaenv_experiments.studies.explain.explanation import Explanation
from metaenv_experiments.studies.optimum.comparison import OptimumSummary, PolicyShare
from metaenv_experiments.studies.optimum.refining import Tried
from metaenv_experiments.studies.trial_arms.fit import Fit, FittedLook, FittedTarget, Loss, Misfit


class Point(NamedTuple):
    """A named tuple, as estimates and scores are."""

    at: int
    value: float


@dataclass(frozen=True, kw_only=True)
class Example(Record):
    """A record with a field of every type that records have."""

    file: ClassVar[str] = "example.json"
    version: ClassVar[int] = 3

    name: str
    count: int
    value: float
    done: bool
    kind: Literal["one", "other"] = "one"
    lowest: float | None = None
    points: tuple[Point, ...] = ()
    shares: dict[str, float]
    anything: dict[str, Any]


EXAMPLE = Example(
    name="a",
    count=2,
    value=1.5,
    done=True,
    points=(Point(1, 0.5), Point(2, math.nan)),
    shares={"a": 0.25},
    anything={"net_arch": [64, 64], "name": None},
)
WRITTEN = {
    "version": 3,
    "name": "a",
    "count": 2,
    "value": 1.5,
    "done": True,
    "kind": "one",
    "lowest": None,
    "points": [{"at": 1, "value": 0.5}, {"at": 2, "value": None}],
    "shares": {"a": 0.25},
    "anything": {"net_arch": [64, 64], "name": None},
}


def test_a_record_is_written_as_its_fields_and_its_version(tmp_path):
    EXAMPLE.write(tmp_path)
    assert json.loads((tmp_path / "example.json").read_text()) == WRITTEN


def test_what_is_no_number_is_null_in_the_file_and_nan_when_read(tmp_path):
    replace(EXAMPLE, value=math.nan, shares={"a": math.inf}).write(tmp_path)
    stored = json.loads((tmp_path / "example.json").read_text())
    assert stored["value"] is None and stored["shares"] == {"a": None}
    found = Example.read(tmp_path)
    assert math.isnan(found.value) and math.isnan(found.shares["a"]) and math.isnan(found.points[1].value)
    assert found.lowest is None, "where nothing is allowed, nothing is nothing"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"count": None}, "expected int, got None"),
        ({"count": 2.0}, "expected int, got 2.0"),
        ({"count": "2"}, "expected int, got '2'"),
        ({"count": True}, "expected int, got True"),
        ({"value": "1.5"}, "expected float, got '1.5'"),
        ({"value": True}, "expected float, got True"),
        ({"done": 1}, "expected bool, got 1"),
        ({"name": 3}, "expected str, got 3"),
        ({"kind": "third"}, "third"),
        ({"points": [{"at": 1}]}, "value"),
        ({"points": [{"at": 1, "value": 0.5, "more": 1}]}, "more"),
        ({"points": [{"at": "x", "value": 0.5}]}, "expected int, got 'x'"),
        ({"shares": {"a": "much"}}, "expected float, got 'much'"),
        ({"unheard": 1}, "unheard"),
    ],
)
def test_a_field_that_is_unknown_or_of_another_type_is_refused(changes, said):
    with pytest.raises(RecordError, match=said) as refusal:
        Example.of_json({**WRITTEN, **changes})
    assert str(refusal.value).startswith("this is no Example: ") and "\n" not in str(refusal.value)
    assert all(name in str(refusal.value) for name in changes)


@pytest.mark.parametrize("name", ["name", "count", "value", "done", "shares", "anything"])
def test_a_field_that_is_missing_is_refused_by_its_name(name):
    with pytest.raises(RecordError, match=rf"this is no Example: .*{name}"):
        Example.of_json({key: value for key, value in WRITTEN.items() if key != name})


@pytest.mark.parametrize("name", ["kind", "lowest", "points"])
def test_a_field_with_a_default_may_be_missing(name):
    found = Example.of_json({key: value for key, value in WRITTEN.items() if key != name})
    assert getattr(found, name) == Example.__dataclass_fields__[name].default


@pytest.mark.parametrize(
    ("content", "got"),
    [({**WRITTEN, "version": 2}, "2"), ({"name": "a"}, "None"), ([1, 2], "list"), (None, "NoneType")],
)
def test_another_version_and_what_is_no_record_at_all_are_refused(content, got):
    with pytest.raises(RecordError, match=f"^a Example must be of version 3, got {got}$"):
        Example.of_json(content)


@pytest.mark.parametrize("text", ["", "{", '{"version": 3}', "\udcff"])
def test_a_file_that_cannot_be_read_is_named(text, tmp_path):
    path = tmp_path / "example.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(RecordError, match=f"^{path} cannot be read: "):
        Example.read(tmp_path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RecordError, match=f"^{tmp_path / 'none.json'} cannot be read: .*No such file"):
        Example.read_from(tmp_path / "none.json")


def test_a_record_that_cannot_be_read_ends_a_command_in_one_line():
    assert ending(RecordError("it is torn"), resumable=True) == ("error: it is torn", BAD_REQUEST)


# ---- every record that there is

TASK = Task(
    disease="prostate", cohort="test", patients=2, seed=0, changes=(("rates.wound_days", 20.0),), shift="faster_growth"
)
ONE = Estimate(1.0, 0.5, math.nan)
TRAINED = TrainedWith(
    learner="ppo",
    seeds=(0, 1),
    steps=9,
    finished=True,
    validation=None,
    group="runs",
    source="runs/seed-0",
    command="metaenv train",
    commit="f" * 12,
)
EXAMPLES = {
    Example: EXAMPLE,
    Provenance: Provenance(
        started="2026-01-01T00:00:00+0000",
        arguments=("train", "--out", "a b"),
        begun=("train",),
        resumed=(Part(started="later", arguments=("train", "--resume"), commit=None, dirty=None),),
        seed=None,
        commit="f" * 40,
        dirty=True,
        python="3.12.0",
        versions={"numpy": "2.0"},
        machine={"cores": 2},
    ),
    TrainingRecord: TrainingRecord(
        learner="ppo",
        disease="lung",
        diseases=("prostate", "lung"),
        observation="full",
        visit_interval=42.0,
        seeds=(0,),
        settings={"net_arch": [64, 64], "clip": None},
        teachers=(
            Teacher(rule="at50", parameters={"stop": 0.4}, tuned=True),
            Teacher(rule="metronomic", parameters={}),
        ),
        refined=True,
        members=("a", "b"),
        validation_patients=2,
        steps=128,
        finished=False,
        scores=(Score(64, 1.5), Score(128, math.nan)),
    ),
    TunedRules: TunedRules(
        disease="prostate",
        patients=2,
        seed=0,
        trials=5,
        rules={
            "at50": TunedRule(
                parameters={"stop": 0.4, "drugs": ["abiraterone"]},
                train_defaults=1.0,
                train_tuned=1.5,
                validation_defaults=ONE,
                validation_tuned=ONE,
                validation_gain=ONE,
            )
        },
    ),
    FoundPolicies: FoundPolicies(
        disease="prostate",
        visit_interval=56.0,
        local_therapy=True,
        drugs=("abiraterone", "docetaxel"),
        seed=0,
        candidates=9,
        visits=99,
        policies=(
            FoundPolicy(
                said="full abiraterone while marker >= 0.5",
                policy=Simple(
                    doses=(
                        Dose(level=1.0, conditions=(Condition(measurement="marker", above=True, threshold=0.5),)),
                        Dose(level=0.0),
                    ),
                    procedures="both",
                ),
                train=1.5,
                validation=ONE,
            ),
        ),
    ),
    BenchmarkSummary: BenchmarkSummary(
        task=TASK,
        environment="metaenv/Prostate-v1",
        return_unit="quality-adjusted years",
        setting=Setting.of(TASK),
        reference="at50",
        policies={
            "at50": PolicySummary(kind="rule", rule="at50", parameters={"stop": 0.5}, outcomes={"return": ONE}),
            "ppo": PolicySummary(
                kind="learner",
                parameters={},
                training=TRAINED,
                outcomes={"return": ONE},
                difference=Difference(ONE, ONE, 0.5, math.nan, ONE, ONE),
            ),
            "oracle, doubled": PolicySummary(kind="oracle", parameters={}, doubles="oracle", outcomes={"return": ONE}),
        },
    ),
    OptimumSummary: OptimumSummary(
        task=Task(disease="strobl2021", cohort="test", patients=2, seed=0),
        at_stake=1,
        promise_kept=0.99,
        optimum_days=300.0,
        containment_threshold=1.1,
        policies={"ppo": PolicyShare(kind="learner", training=TRAINED, share=ONE, median=1.0, lowest=0.5, highest=1.0)},
    ),
    Explanation: Explanation(
        disease="lung",
        policy="ppo",
        unit="quality-adjusted years",
        agreement=ONE,
        returns={"policy": ONE, "tree": ONE},
        does=("It gives a full dose.",),
        tree=("if marker <= 0.5", "    nothing"),
    ),
    Fit: Fit(
        disease="lung",
        patients=2,
        seed=0,
        evaluations=4,
        start={"rates.birth": 0.1},
        best={"rates.birth": 0.2},
        loss=Loss(2.0, 1.0),
        misfit=Misfit(0.5, math.nan),
        history=((4, 1.0),),
        targets=(
            FittedTarget(
                arm="erlotinib",
                quantity="survival_median_months",
                held_back=False,
                published=20.0,
                low=18.0,
                high=22.0,
                source="Soria2018",
                start=10.0,
                fitted=19.0,
                others=math.nan,
                residual=-0.5,
            ),
        ),
        looks=(
            FittedLook(
                name="free of progression",
                low=0.1,
                high=0.5,
                source="guess",
                start=0.2,
                fitted=0.3,
                others=math.nan,
            ),
        ),
    ),
    Tried: Tried(generations=([1.0, 0.5], [math.nan, 2.0]), visits=12),
}


def records():
    """Every kind of record, of every module that there is."""
    for module in pkgutil.walk_packages(metaenv_experiments.__path__, "metaenv_experiments."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return set(Record.__subclasses__())


def test_every_record_has_an_example_and_a_file_of_its_own():
    assert records() == set(EXAMPLES)
    assert len({kind.file for kind in EXAMPLES}) == len(EXAMPLES)


@pytest.mark.parametrize("kind", EXAMPLES, ids=lambda kind: kind.__name__)
def test_every_record_comes_back_as_it_was_written(kind, tmp_path):
    EXAMPLES[kind].write(tmp_path)
    first = (tmp_path / kind.file).read_bytes()
    found = kind.read(tmp_path)
    assert repr(found) == repr(EXAMPLES[kind])  # in words nan is itself
    found.write(tmp_path)
    assert (tmp_path / kind.file).read_bytes() == first
