"""Policies of the user's own: from a file, a module or at hand; whatever goes wrong in them is said in one line.

An own policy is what has `predict(observation, state, episode_start, deterministic)`, such as a model of
Stable-Baselines3; a class, or a function with the parameter `clinic`, that makes such from a `metaenv_agents.Clinic`;
or a plain function from observation to action.
"""

from __future__ import annotations

import hashlib
import inspect
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from metaenv_agents.policy import Clinic, Policy
from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_agents.rl.sb3_policy import SB3Policy, action_of, is_sb3_model
from metaenv_agents.rules import RULES
from metaenv_experiments.evaluation.own_guard import FunctionPolicy, Guarded
from metaenv_experiments.evaluation.own_source import Source, in_one_line
from metaenv_experiments.evaluation.policies import OWN, NamedPolicy, clinic
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running.options import UsageError, require

REHEARSED = 2  # train patients whom an own policy treats before it takes part
NAMES = re.compile(r"\w[\w .,()+-]*")  # folders are named so


def own(texts: Sequence[str], task: Task) -> list[NamedPolicy]:
    """Return own policies by FILE.py:NAME or module:NAME, each under its NAME, with the file's where it is no other's.

    Raises:
        UsageError: there is none, it raises something, or it cannot treat this disease.
    """
    sources = [Source.of(text) for text in texts]
    names = Counter(source.name for source in sources)
    found = []
    for text, source in zip(texts, sources, strict=True):
        alone = names[source.name] == 1 and source.name not in RULES
        name = source.name if alone else f"{source.stem} {source.name}"
        found.append(_named_policy(name, source.load, task, text, source.location))
    return found


def at_hand(thing: Any, name: str, task: Task) -> NamedPolicy:
    """Return an own policy that is at hand, under a name; it plays in this process only.

    Raises:
        UsageError: the name cannot be one, or as of `own`.
    """
    require(NAMES.fullmatch(name) is not None, "an own policy's name", name, "letters, digits, spaces and .,()+-")
    if name in RULES:
        raise UsageError(f"an own policy must have another name than a rule's, got {name!r}")
    return _named_policy(name, lambda: thing, task, f"{type(thing).__module__}.{type(thing).__qualname__}", None)


def _named_policy(name: str, load: Callable[[], Any], task: Task, written: str, file: str | None) -> NamedPolicy:
    action = _action_of(_made(load(), clinic(task), name, file))
    found = NamedPolicy(
        name=name,
        make=partial(_seat, name, load, file),
        parameters={"own": written, **_hash_of(file)},
        note=f"own policy, {written}",
        kind=OWN,
        action=action,
    )
    rehearsal = replace(task, cohort="train", patients=REHEARSED, first=0)
    found.play(rehearsal, rehearsal.ids)
    return found


def _seat(name: str, load: Callable[[], Any], file: str | None, env: Any) -> Policy:
    """Make the policy for a vector environment."""
    product = _made(load(), Clinic.of(env), name, file)
    try:
        if isinstance(product, TrainedPolicy):
            product.check(Clinic.of(env))
        policy: Any = SB3Policy(product, env) if is_sb3_model(product) else product
    except ValueError as error:
        raise UsageError(f"own policy {name!r} cannot treat here: {error}") from error
    if not hasattr(policy, "predict"):
        policy = FunctionPolicy(policy, entries=env.single_action_space.shape[0])
    return Guarded(policy, name=name, file=file)


def _made(thing: Any, known: Clinic, name: str, file: str | None) -> Any:
    """What `predict` or the function is on: the thing itself, or what it makes of the clinic."""
    try:
        if isinstance(thing, type) or _takes_clinic(thing):
            thing = _call(thing, known)
    except Exception as error:
        raise UsageError(f"own policy {name!r} cannot be made: {in_one_line(error, file)}") from error
    if isinstance(thing, type) or not (hasattr(thing, "predict") or callable(thing)):
        raise UsageError(
            f"own policy {name!r} must have predict(observation, state, episode_start, deterministic), be a class or a "
            f"function with the parameter clinic that makes such, or a function observation -> action, got {thing!r}"
        )
    return thing


def _call(maker: Any, known: Clinic) -> Any:
    """Give the clinic to whoever asks for it: by name, else to the first parameter without default."""
    parameters = _parameters(maker)
    if "clinic" in parameters:
        return maker(clinic=known)
    needed = [each for each in parameters.values() if each.default is each.empty and each.kind < each.VAR_POSITIONAL]
    return maker(known) if needed else maker()


def _takes_clinic(thing: Any) -> bool:
    return not hasattr(thing, "predict") and callable(thing) and "clinic" in _parameters(thing)


def _parameters(thing: Any) -> dict[str, inspect.Parameter]:
    try:
        return dict(inspect.signature(thing).parameters)
    except (TypeError, ValueError):  # what is written in C may have none
        return {}


def _action_of(product: Any) -> Literal["levels", "continuous"]:
    """How it writes doses: a model says so by its action space, others by `action`, theirs or their clinic's."""
    if is_sb3_model(product):
        return action_of(product)
    said = [getattr(each, "action", None) for each in (product, getattr(product, "clinic", None))]
    return "continuous" if "continuous" in [each for each in said if isinstance(each, str)] else "levels"


def _hash_of(file: str | None) -> dict[str, str]:
    content = Path(file).read_bytes() if file is not None and file.endswith(".py") else None
    return {} if content is None else {"sha256": hashlib.sha256(content).hexdigest()}
