"""Who takes part: rules by name, and trained policies from their run folders."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

import metaenv
from metaenv.scenario import Scenario
from metaenv_agents import saved_policies
from metaenv_agents.control.candidate_rules import THRESHOLDS, candidate_rules
from metaenv_agents.control.mpc import ModelPredictive
from metaenv_agents.control.oracle import Oracle
from metaenv_agents.control.planning import Budget, Entry
from metaenv_agents.policy import Clinic, Policy
from metaenv_agents.rules import RULES, make_rule
from metaenv_experiments.running.requests import RequestError, file_of
from metaenv_experiments.running.store import POLICY, SEED, TRAINING, RunFolder
from metaenv_experiments.trials.rollout import Rollout, play
from metaenv_experiments.trials.tasks import Task

PLANNERS: dict[str, type[ModelPredictive] | type[Oracle]] = {"mpc": ModelPredictive, "oracle": Oracle}
TUNED = ", tuned"  # end of the name under which a rule with tuned parameters takes part
DOUBLED = ", doubled"  # end of the name under which a planner with twice the copies takes part
FINALISTS, LOOKS = 6, 5  # of a planner's rules, and how often they are simulated; guess
RULE, TUNED_RULE, LEARNER, PLANNER, ORACLE, OWN = KINDS = ("rule", "tuned rule", "learner", "planner", "oracle", "own")


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """A policy under its name in the tables, and how to make it for a vector environment."""

    name: str
    make: Callable[[Any], Policy]
    parameters: dict[str, Any] = field(default_factory=dict)  # those that were chosen, for the record
    note: str = ""  # how they were chosen, for the table
    kind: str = RULE  # one of KINDS
    action: Literal["levels", "continuous"] = "levels"  # how it writes doses

    def play(self, task: Task, ids: NDArray[np.int64], **options: Any) -> Rollout:
        """Treat patients of the task; options as of `rollout.play`.

        Raises:
            RequestError: an own policy raised something, or gave what cannot be given.
        """
        try:
            return play(replace(task, action=self.action), self.make, ids, **options)
        except ValueError as error:
            if self.kind != OWN or isinstance(error, RequestError):
                raise
            raise RequestError(f"own policy {self.name!r}: {error}") from error


def rule(name: str, task: Task, **parameters: Any) -> Contestant:
    """Return a rule that plays this task.

    Raises:
        RequestError: for an unknown rule, a bad parameter, or a rule that the disease does not allow.
    """
    if name not in RULES:
        raise RequestError(f"policy must be one of {', '.join(sorted(RULES))}, got {name!r}")
    try:
        make_rule(name, clinic(task), **parameters)
    except ValueError as error:
        raise RequestError(f"policy {name!r} cannot treat {task.disease}: {error}") from error
    return Contestant(name=name, make=partial(_make_rule, name, parameters), parameters=parameters)


def every_rule(task: Task) -> Iterable[str]:
    """Name the rules that this disease allows."""
    for name in RULES:
        try:
            make_rule(name, clinic(task))
        except ValueError:
            continue
        yield name


@cache
def clinic(task: Task) -> Clinic:
    """Return what the task's policies may know beforehand."""
    return Clinic.of(task.vector_env(1))


def trained(run: Path, task: Task, *, option: str = "--run") -> Contestant:
    """Return the policy that a run trained, the best on validation patients.

    Args:
        run: the run folder of `train` or `demo`.
        task: what it is to play.
        option: what named the run.

    Raises:
        RequestError: if the folder holds no policy, or one for another clinic.
    """
    from metaenv_agents.rl.policy import TrainedPolicy

    about = training_of(run, option=option)
    try:
        policy = TrainedPolicy.from_bytes((run / POLICY).read_bytes())
        policy.check(clinic(replace(task, action=policy.action)))
        _check_interval(about, task)
    except ValueError as error:
        raise RequestError(f"the policy of {run} cannot treat {task.disease}: {error}") from error
    note = f"trained for {about['steps']:,} visits, from {run}" + ("" if about["finished"] else ", not finished")
    return Contestant(
        name=about["algo"],
        make=partial(_given, policy),
        parameters={"run": str(run), **_learned(about, _read(run, "provenance.json")), "group": str(run)},
        note=note,
        kind=LEARNER,
        action=policy.action,
    )


def learners(runs: Iterable[Path], task: Task) -> list[Contestant]:
    """Return the policies of several trainings, each under its own name.

    That is its algorithm, with the seed or the folder where that does not tell them apart.

    Args:
        runs: run folders of `train`; one of several seeds stands for all of them, one of several diseases for what was
            learned of the task's.
        task: what they are to play.

    Raises:
        RequestError: as `trained`, or if one is given twice.
    """
    places = [(path, _share(run, task.disease)) for path in runs for run in seeds_in(path)]
    check_different([run for _, run in places])
    found = []
    for path, run in places:
        each = trained(run, task, option="--runs")
        found.append((replace(each, parameters={**each.parameters, "group": str(path)}), run))
    for tell in (_by_seed, _by_folder, _by_place):
        twice = {name for name, count in Counter(each.name for each, _ in found).items() if count > 1}
        found = [(tell(each, run) if each.name in twice else each, run) for each, run in found]
    return [each for each, _ in found]


def _share(run: Path, disease: str) -> Path:
    """Where a run keeps its policy of a disease: a folder of its own if it learned several."""
    own = run / disease
    return own if (own / POLICY).is_file() else run


def check_different(runs: Sequence[Path]) -> None:
    """Refuse a training that is given twice."""
    if len({run.resolve() for run in runs}) < len(runs):
        raise RequestError(f"--runs must be different trainings, got {', '.join(str(run) for run in runs)}")


def _by_seed(each: Contestant, run: Path) -> Contestant:
    return replace(each, name=f"{each.parameters['algo']} seed {each.parameters['seed']}")


def _by_folder(each: Contestant, run: Path) -> Contestant:
    own = f"{run.resolve().parent.name} {run.name}" if run.name.startswith(SEED) else run.resolve().name
    return replace(each, name=f"{each.parameters['algo']} {own}")


def _by_place(each: Contestant, run: Path) -> Contestant:
    return replace(each, name=f"{each.parameters['algo']} {str(run.resolve()).strip('/').replace('/', ' ')}")


def shared(name: str, task: Task) -> Contestant:
    """Return a policy that was exported, by its name or folder.

    Raises:
        RequestError: there is none, it is damaged, or it is for another clinic.
    """
    try:
        policy, told = saved_policies.load(name), saved_policies.about(name)
        policy.check(clinic(replace(task, action=policy.action)))
        training = told["training"]
        _check_interval(training, task)
        parameters = {"agent": name, **_learned(training, told["provenance"]), "group": told.get("name", name)}
    except (ValueError, KeyError, TypeError) as error:
        raise RequestError(f"--agents {name} cannot treat {task.disease}: {error}") from error
    return Contestant(
        name=str(told.get("name", name)),
        make=partial(_given, policy),
        parameters=parameters,
        note=f"trained for {training['steps']:,} visits, exported as {told.get('name', name)}",
        kind=LEARNER,
        action=policy.action,
    )


def _learned(training: Mapping[str, Any], provenance: Mapping[str, Any]) -> dict[str, Any]:
    """What the record of a benchmark says of a training; the validation score is the best of it."""
    scores = [point["mean_return"] for point in training["scores"]]
    about = {key: training[key] for key in ("algo", "seed", "steps", "finished")}
    command, begun = (shlex.join(provenance.get(key, ())) for key in ("arguments", "begun"))
    other = {"begun": begun} if begun not in ("", command) else {}
    made = {key: provenance[key] for key in ("commit", "dirty")}
    return {**about, "validation": max(scores, default=None), "command": command, **other, **made}


def _read(run: Path, name: str) -> dict[str, Any]:
    return RunFolder.open(run, needs=(name,)).read_json(name)


def _check_interval(training: Mapping[str, Any], task: Task) -> None:
    """Raise ValueError if a policy learned on another calendar than the task's."""
    own = training.get("visit_interval") or metaenv.make_scenario(training["disease"]).visit_interval
    if (wanted := float(task.scenario.visit_interval)) != own:
        raise ValueError(f"policy was trained for a visit every {own:g} days, got one every {wanted:g}")


def seeds_in(path: Path) -> list[Path]:
    """The run itself, or the runs of its seeds where it holds several."""
    return sorted(path.glob(f"{SEED}*"), key=lambda each: (len(each.name), each.name)) or [path]


def tuned(path: Path, task: Task) -> list[Contestant]:
    """Return every rule that `tune-rules` recorded, with the parameters that it found.

    Raises:
        RequestError: it is no such record, or one of another disease.
    """
    try:
        record = json.loads(file_of("tuned", path).read_text(encoding="utf-8"))
        disease, rules = record["disease"], record["rules"]
        found = {name: frozen(rules[name]["parameters"]) for name in rules}
        note = f"tuned, the best of {record['trials']} sets on {record['patients']} train patients"
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise RequestError(f"--tuned must be a record of tune-rules, got {path}: {error!r}") from error
    if disease != task.disease:
        raise RequestError(f"--tuned must be of the disease {task.disease!r}, got {path} of {disease!r}")
    own = record.get("visit_interval") or metaenv.make_scenario(disease).visit_interval
    if own != task.scenario.visit_interval:
        raise RequestError(
            f"--tuned holds rules tuned for a visit every {own:g} days, got one every {task.scenario.visit_interval:g}"
        )
    contestants = [rule(name, task, **parameters) for name, parameters in found.items()]
    return [replace(each, name=f"{each.name}{TUNED}", note=note, kind=TUNED_RULE) for each in contestants]


def planner(name: str, task: Task, every: int, copies: int, *, thresholds: Sequence[float] = THRESHOLDS) -> Contestant:
    """Return a planner over the candidate rules: "mpc", or "oracle", which is told the true state."""
    kind = PLANNERS[name]
    rules = candidate_rules(clinic(task), thresholds)
    finalists, looks = (FINALISTS, LOOKS) if task.scenario.stochastic else (1, 1)  # no luck that could deceive
    budget = Budget(every=every, copies=copies, finalists=finalists, looks=looks)
    known = None if kind.privileged else replace(task, shift=None).scenario  # no clinic is told of a shift
    make = partial(_make_planner, name, rules, budget, known)
    told = ", privileged: it is told the true state" if kind.privileged else ", told no more than the clinic"
    again = f", the best {finalists} on {looks * copies}" if looks > 1 else ""
    note = (
        f"the best of {len(rules)} rules in simulation, chosen anew every {every} visits: all on {copies} copies"
        f"{again}{told}"
    )
    return Contestant(
        name=name,
        make=make,
        parameters={"every": every, "copies": copies, "finalists": finalists, "looks": looks},
        note=note,
        kind=ORACLE if kind.privileged else PLANNER,
    )


def frozen(value: Any) -> Any:
    """A value from JSON as rules take it: tuples for lists, at every depth."""
    if isinstance(value, dict):
        return {key: frozen(each) for key, each in value.items()}
    return tuple(frozen(each) for each in value) if isinstance(value, list) else value


def training_of(run: Path, *, option: str = "--run") -> dict[str, Any]:
    """Return what a run says of its training; `option` is what named the run."""
    if not (run / POLICY).is_file() and (inside := sorted(str(each.parent) for each in run.glob(f"**/{POLICY}"))):
        raise RequestError(f"{option} must be the folder of one policy here, such as {inside[0]}, got {run}")
    return RunFolder.open(run, needs=(TRAINING, POLICY), option=option).read_json(TRAINING)


def observation_of(path: Path, disease: str) -> str:
    """Return what the policy of a run for a disease, or those of its seeds, are shown: "clinic" or "full"."""
    return str(training_of(_share(seeds_in(path)[0], disease), option="--runs")["observation"])


def _given(policy: Policy, env: Any) -> Policy:
    return policy


def _make_planner(name: str, rules: list[Entry], budget: Budget, known: Scenario | None, env: Any) -> Policy:
    return PLANNERS[name](env, rules, budget=budget, scenario=known)


def _make_rule(name: str, parameters: dict[str, Any], env: Any) -> Policy:
    return make_rule(name, env, **parameters)
