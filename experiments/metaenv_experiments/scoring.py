"""`metaenv_experiments.score`: an own policy beside others on the same patients, from Python, without a run folder."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import pandas as pd
from rich.console import Console

from metaenv_agents import sharing
from metaenv_agents.rules import RULES
from metaenv_experiments.config import Benchmark
from metaenv_experiments.pages import html_report
from metaenv_experiments.pages.pictures import draw
from metaenv_experiments.pages.report import tables
from metaenv_experiments.running.requests import RequestError
from metaenv_experiments.running.screen import PLAIN_WIDTH
from metaenv_experiments.running.store import RunFolder, provenance
from metaenv_experiments.trials.contestants import Contestant, rule, shared
from metaenv_experiments.trials.metrics import DAYS_PER_MONTH, Comparison, choose_reference
from metaenv_experiments.trials.own import at_hand, own
from metaenv_experiments.trials.tasks import Task
from metaenv_experiments.trials.trial import EPISODES, Trial, check_names
from metaenv_experiments.trials.tuning import tune

AGAINST = ("no_treatment", "maximum_tolerated_dose", "at50")
DAYS = "_days"  # end of the name of a metric that the table gives in months


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Score:
    """How the patients fared under each policy; printed, it is the tables of `metaenv benchmark`."""

    comparison: Comparison  # estimates with 95 % intervals, and paired differences to the reference
    episodes: pd.DataFrame  # one row per policy and patient, see experiments/README.md
    unit: str  # of the return
    notes: tuple[str, ...] = ()  # how policies were made

    @property
    def table(self) -> pd.DataFrame:
        """A row per policy; each outcome with `_low` and `_high`, its 95 % interval; times in months, shares in 0–1."""
        rows = {}
        for name, outcomes in self.comparison.policies.items():
            row: dict[str, float] = {}
            for metric, estimate in outcomes.items():
                column, scale = metric, 1.0
                if metric.endswith(DAYS):
                    column, scale = f"{metric.removesuffix(DAYS)}_months", 1 / DAYS_PER_MONTH
                value, low, high = estimate.scaled(scale)
                row |= {column: value, f"{column}_low": low, f"{column}_high": high}
            rows[name] = row
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("policy")

    def __str__(self) -> str:
        text = io.StringIO()
        screen = Console(file=text, width=PLAIN_WIDTH)
        for table in tables(self.comparison, unit=self.unit):
            screen.print(table)
        return "\n".join([*(line.rstrip() for line in text.getvalue().splitlines()), *self.notes])

    __repr__ = __str__  # a notebook shows the tables


def score(
    policy: Any,
    *,
    disease: str = "prostate",
    patients: int = 512,
    cohort: Literal["train", "validation", "test"] = "test",
    against: Sequence[str] = AGAINST,
    reference: str | None = None,
    observation: Literal["clinic", "full"] = "clinic",
    shift: str | None = None,
    visit_interval: float | None = None,
    seed: int = 0,
    out: Path | str | None = None,
) -> Score:
    """Treat the same patients with an own policy and with others, as `metaenv benchmark` does.

    Args:
        policy: what has `predict(observation, state, episode_start, deterministic)`, such as a model of
            Stable-Baselines3; a class, or a function with the parameter `clinic`, that makes such from a
            `metaenv_agents.Clinic`; a function from observation to action; a name as in `against`; or several, by name.
        disease: by name.
        patients: count, the first of the cohort.
        cohort: whose patients.
        against: rules and shipped policies by name, own ones as FILE.py:NAME or module:NAME. Containment's threshold is
            searched on train patients.
        reference: policy that the others are compared with. None: maximum_tolerated_dose, else the first.
        observation: what policies see.
        shift: of these patients, see metaenv/scenario/shift.py.
        visit_interval: days. None: as the disease has them.
        seed: of the patients' fates, >= 0.
        out: run folder to write, as of `metaenv benchmark`. None: nothing is left.

    Raises:
        RequestError: a name or number is not allowed, or an own policy raised something; a ValueError of one line.
    """
    asked = {key: value for key, value in locals().items() if key not in ("policy", "against", "reference")}
    task = Task(**{key: value for key, value in asked.items() if key != "out"})
    contestants = [*_named(against, task), *_own(policy, task)]
    check_names(contestants)
    reference = choose_reference(reference, [each.name for each in contestants])
    with _folder(out, {"command": "score", **asked, "policies": [each.name for each in contestants]}) as folder:
        contestants = tune(contestants, task, folder, patients=Benchmark.tune_patients, threshold=None)
        trial = Trial(
            task=task,
            contestants=contestants,
            folder=folder,
            chunk=Benchmark.chunk,
            watch=0 if out is None else Benchmark.watch,
            reference=reference,
        )
        comparison, episodes = trial.run(), folder.read_table(EPISODES)
        if out is not None:
            draw(folder)
            html_report.write(folder)
    notes = tuple(f"{each.name}: {each.note}" for each in contestants if each.note)
    return Score(comparison=comparison, episodes=episodes, unit=task.return_unit, notes=notes)


def _own(policy: Any, task: Task) -> list[Contestant]:
    if isinstance(policy, str):
        return _named([policy], task)
    given = policy if isinstance(policy, Mapping) else {_name_of(policy): policy}
    return [found for name, each in given.items() for found in _one(name, each, task)]


def _one(name: str, policy: Any, task: Task) -> list[Contestant]:
    return _named([policy], task) if isinstance(policy, str) else [at_hand(policy, name, task)]


def _named(names: Sequence[str], task: Task) -> list[Contestant]:
    """Rules, shipped policies and own ones by what they are called."""
    written = own([name for name in names if ":" in name], task)
    found = {name: _rule_or_shared(name, task) for name in names if ":" not in name}
    others = iter(written)
    return [found[name] if name in found else next(others) for name in names]


def _rule_or_shared(name: str, task: Task) -> Contestant:
    if name in RULES:
        return rule(name, task)
    if name in sharing.pretrained() or (Path(name) / sharing.ABOUT).is_file():
        return shared(name, task)
    known = ", ".join([*sorted(RULES), *sharing.pretrained()])
    raise RequestError(f"policy must be one of {known}, or FILE.py:NAME, got {name!r}")


def _name_of(policy: Any) -> str:
    """Its own name, its function's or that of its class; never a rule's, which another policy has."""
    said = getattr(policy, "name", None), getattr(policy, "__name__", None), type(policy).__name__
    name = next(each for each in said if isinstance(each, str) and each.isidentifier())
    return f"own {name}" if name in RULES else name


@contextmanager
def _folder(out: Path | str | None, asked: Mapping[str, Any]) -> Iterator[RunFolder]:
    """The run folder that was asked for, or one that is gone afterwards."""
    if out is None:
        with TemporaryDirectory(prefix="metaenv-") as place:
            yield RunFolder(Path(place))
        return
    if Path(out).exists():
        raise RequestError(f"out {out} exists already and is never overwritten: name another")
    folder = RunFolder(Path(out))
    folder.write_json("provenance.json", provenance(asked["seed"]))
    folder.write_json("config.json", asked)
    yield folder
