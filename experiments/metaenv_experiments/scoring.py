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

from metaenv_agents import saved_policies
from metaenv_agents.rules import RULES
from metaenv_experiments.evaluation.benchmark import CHUNK, EPISODES, WATCH, Benchmark, check_names
from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.evaluation.containment_threshold import TUNE_PATIENTS, tune
from metaenv_experiments.evaluation.metrics import choose_reference, in_months
from metaenv_experiments.evaluation.own_policies import at_hand, own
from metaenv_experiments.evaluation.policies import NamedPolicy, rule
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.trained_policies import shared
from metaenv_experiments.reporting import html_report
from metaenv_experiments.reporting.benchmark_figures import draw
from metaenv_experiments.reporting.outcome_tables import outcome_tables
from metaenv_experiments.reporting.tables import on_screen
from metaenv_experiments.running.console import PLAIN_WIDTH
from metaenv_experiments.running.options import UsageError
from metaenv_experiments.running.provenance import Provenance
from metaenv_experiments.running.run_folder import RunFolder

AGAINST = ("no_treatment", "maximum_tolerated_dose", "at50")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Score:
    """How the patients fared under each policy; printed, it is the tables of `metaenv benchmark`."""

    summary: BenchmarkSummary  # estimates with 95 % intervals, and paired differences to the reference
    episodes: pd.DataFrame  # one row per policy and patient, see experiments/README.md
    notes: tuple[str, ...] = ()  # how policies were made

    @property
    def table(self) -> pd.DataFrame:
        """A row per policy; each outcome with `_low` and `_high`, its 95 % interval; times in months, shares in 0–1."""
        rows = {}
        for name, policy in self.summary.policies.items():
            row: dict[str, float] = {}
            for metric, estimate in policy.outcomes.items():
                column, (value, low, high) = in_months(metric, estimate)
                row |= {column: value, f"{column}_low": low, f"{column}_high": high}
            rows[name] = row
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("policy")

    def __str__(self) -> str:
        text = io.StringIO()
        screen = Console(file=text, width=PLAIN_WIDTH)
        for table in outcome_tables(self.summary):
            screen.print(on_screen(table))
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
    local_therapy: bool | None = None,
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
        local_therapy: whether lesions can be resected and irradiated too. None: drugs alone.
        seed: of the patients' courses, >= 0.
        out: run folder to write, as of `metaenv benchmark`. None: nothing is left.

    Raises:
        UsageError: a name or number is not allowed, or an own policy raised something; a ValueError of one line.
    """
    asked = {key: value for key, value in locals().items() if key not in ("policy", "against", "reference")}
    task = Task(**{key: value for key, value in asked.items() if key != "out"})
    policies = [*_named(against, task), *_own(policy, task)]
    check_names(policies)
    reference = choose_reference(reference, [each.name for each in policies])
    with _folder(out, {"command": "score", **asked, "policies": [each.name for each in policies]}) as folder:
        policies = tune(policies, task, folder, patients=TUNE_PATIENTS, threshold=None)
        benchmark = Benchmark(
            task=task,
            policies=policies,
            folder=folder,
            chunk=CHUNK,
            watch=0 if out is None else WATCH,
            reference=reference,
        )
        summary, episodes = benchmark.run(), folder.read_table(EPISODES)
        if out is not None:
            draw(folder)
            html_report.write(folder)
    notes = tuple(f"{each.name}: {each.note}" for each in policies if each.note)
    return Score(summary=summary, episodes=episodes, notes=notes)


def _own(policy: Any, task: Task) -> list[NamedPolicy]:
    if isinstance(policy, str):
        return _named([policy], task)
    given = policy if isinstance(policy, Mapping) else {_name_of(policy): policy}
    return [found for name, each in given.items() for found in _one(name, each, task)]


def _one(name: str, policy: Any, task: Task) -> list[NamedPolicy]:
    return _named([policy], task) if isinstance(policy, str) else [at_hand(policy, name, task)]


def _named(names: Sequence[str], task: Task) -> list[NamedPolicy]:
    """Rules, shipped policies and own ones by what they are called."""
    written = own([name for name in names if ":" in name], task)
    found = {name: _rule_or_shared(name, task) for name in names if ":" not in name}
    others = iter(written)
    return [found[name] if name in found else next(others) for name in names]


def _rule_or_shared(name: str, task: Task) -> NamedPolicy:
    if name in RULES:
        return rule(name, task)
    if name in saved_policies.pretrained() or (Path(name) / saved_policies.ABOUT).is_file():
        return shared(name, task)
    known = ", ".join([*sorted(RULES), *saved_policies.pretrained()])
    raise UsageError(f"policy must be one of {known}, or FILE.py:NAME, got {name!r}")


def _name_of(policy: Any) -> str:
    """Its own name, its function's or that of its class; never a rule's, which another policy has."""
    said = getattr(policy, "name", None), getattr(policy, "__name__", None), type(policy).__name__
    name = next(each for each in said if isinstance(each, str) and each.isidentifier())
    return f"own {name}" if name in RULES else name


@contextmanager
def _folder(out: Path | str | None, asked: Mapping[str, Any]) -> Iterator[RunFolder]:
    """The run folder that was asked for, or one that is gone afterwards."""
    if out is None:
        with TemporaryDirectory(prefix="metaenv-") as temporary:
            yield RunFolder(Path(temporary))
        return
    if Path(out).exists():
        raise UsageError(f"out {out} exists already and is never overwritten: name another")
    folder = RunFolder(Path(out))
    Provenance.now(asked["seed"]).write(folder.path)
    folder.write_json("config.json", asked)
    yield folder
