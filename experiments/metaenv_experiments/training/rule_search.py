"""The search behind `tune rules`: a rule's parameters that give train patients the highest mean return.

Optuna's sampler proposes a batch at a time and is told its results in order, so that neither the number of processes
nor a kill changes what it proposes: on resuming, stored trials are proposed again and told without being simulated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from metaenv_agents.policy import Clinic
from metaenv_agents.rules import RULES
from metaenv_agents.rules.search_space import Parameters
from metaenv_experiments.evaluation.policies import rule
from metaenv_experiments.evaluation.rollout import play
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running.options import UsageError

BATCH = 4  # trials proposed together


class Tried(NamedTuple):
    """A rule's parameters and what they gave."""

    parameters: Parameters
    score: float  # mean return


Score = Callable[[list[Parameters]], list[float]]


def search(
    name: str, clinic: Clinic, score: Score, *, trials: int, seed: int, known: Sequence[Tried] = ()
) -> Iterator[list[Tried]]:
    """Try a rule's defaults, then what the sampler proposes; yield every new batch.

    Args:
        name: of the rule.
        clinic: where it treats.
        score: mean returns of parameter sets.
        trials: sets to try, the defaults among them, rounded up to whole batches.
        seed: of the sampler.
        known: what was tried before, in its order.

    Raises:
        UsageError: `known` is not what this search would have tried.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed, constant_liar=True))
    tried = list(known)
    if not tried:
        defaults: Parameters = {}
        tried = [Tried(defaults, score([defaults])[0])]
        yield tried
    elif tried[0].parameters:
        raise UsageError("--resume: the stored trials do not begin with the rule's defaults")
    done = 1
    while done < trials:
        asked = [study.ask() for _ in range(BATCH)]
        proposed = [RULES[name].search_space(trial, clinic) for trial in asked]
        stored = tried[done : done + BATCH]
        if stored:
            if [_plain(each.parameters) for each in stored] != [_plain(each) for each in proposed]:
                raise UsageError("--resume: the stored trials are not those of this search: begun with another version")
            batch = list(stored)
        else:
            batch = [Tried(*pair) for pair in zip(proposed, score(proposed), strict=True)]
            tried += batch
            yield batch
        for trial, each in zip(asked, batch, strict=True):
            study.tell(trial, each.score)
        done += BATCH


def _plain(value: Any) -> Any:
    """A value as it comes back from JSON."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, tuple | list) else value


def best(tried: Sequence[Tried]) -> Tried:
    """The highest score; the first of equals."""
    return max(tried, key=lambda each: each.score)


@dataclass(frozen=True)
class MeanReturn:
    """Mean return of a rule on a task's patients, by its parameters; pickles."""

    name: str
    task: Task

    def __call__(self, parameters: Parameters) -> float:
        """Treat every patient once."""
        return float(
            play(self.task, rule(self.name, self.task, **parameters).make, self.task.ids).episodes["return"].mean()
        )
