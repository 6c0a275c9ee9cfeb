"""The page that `results` writes: one table per benchmark, and verdicts that code decides from its intervals."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from metaenv_experiments.pages.foremost import training, validation
from metaenv_experiments.pages.optimum_page import NEAR, StoredOptimum
from metaenv_experiments.pages.sheets import Sheet, commit, how_trained, markdown, words, written
from metaenv_experiments.running.store import RunFolder
from metaenv_experiments.trials import statistics
from metaenv_experiments.trials.contestants import DOUBLED, LEARNER, ORACLE, TUNED_RULE
from metaenv_experiments.trials.metrics import DAYS_PER_MONTH, DOSE, outcomes
from metaenv_experiments.trials.statistics import Estimate
from metaenv_experiments.trials.trial import EPISODES, SUMMARY

STANDARD = "maximum_tolerated_dose"  # below which no learner may fall on shifted patients
CONVERGED = 0.02  # share of the return that twice the copies may change
GAP = 0.7  # of the way from the best tuned rule to the oracle that a learner should go

INTRODUCTION = f"""# Results

Every policy treats the same patients with the same luck. Intervals are 95 %: bootstrap over patients for returns (over
patients and seeds where a learner was trained several times), Kaplan and Meier's for medians, Wilson's for shares.
Policies stand in the order of their return. *Tuned* rules and learners were both fitted on train patients. The best
learner is the one with the highest score on validation patients; the best tuned rule, the bar, is the one with the
highest return here. *Aggrevate* was told, while it learned, by the exact optimum of train patients what every dose
loses (`teach`); an *ensemble* is the mean of several trainings' networks (`combine`). *Oracle* is told the true state
and parameters of the patient and plans with the same simulator: no clinic could, and what it reaches is a reference,
not a proven bound. *Regret* is the oracle's return minus the policy's, patient by patient. Rules read the clinic's form
alone: where the true state is shown, their rows are those of the same patients without it (but for *random*, whose
draws depend on all that is seen), and some are left out. A folder of runs may have been trained anew between two pages:
which training a page shows, its commits and validation scores tell.

Aims, each decided by the intervals: the best learner lies above the best tuned rule and their intervals do not touch;
it closes {100 * GAP:.0f} % of the gap from that rule to the oracle; on shifted patients it is not below the maximum
tolerated dose. Where planners took part with twice the copies too, their return changes by less than
{100 * CONVERGED:.0f} %. Where the optimum is exact, it is within {100 * (1 - NEAR):.0f} % of it.

{{origin}}
"""
COMMAND = "metaenv results --runs"


class Stored(NamedTuple):
    """A finished benchmark."""

    name: str  # of its folder
    summary: Mapping[str, Any]
    episodes: pd.DataFrame  # one row per policy and patient
    provenance: Mapping[str, Any]

    @classmethod
    def of(cls, folder: RunFolder) -> Stored:
        """Read it from its folder."""
        return cls(
            name=folder.path.name,
            summary=folder.read_json(SUMMARY),
            episodes=folder.read_table(EPISODES),
            provenance=folder.read_json("provenance.json"),
        )

    def kind(self, name: str) -> str:
        """What kind of policy it is."""
        return str(self.summary["kinds"][name])

    def named(self, kind: str) -> list[str]:
        """The policies of a kind, a learner's seeds apart."""
        return [name for name, found in self.summary["kinds"].items() if found == kind]

    def returns(self, name: str) -> pd.Series:
        """A policy's returns, by patient."""
        own = self.episodes[self.episodes["policy"] == name]
        return own.set_index("patient")["return"].sort_index()

    def learners(self) -> dict[str, list[str]]:
        """The policies of each training, one per seed; trainings of one algorithm are told apart by their group."""
        found: dict[tuple[str, str], list[str]] = {}
        for name in self.named(LEARNER):
            found.setdefault(training(self.summary, name), []).append(name)
        algorithms = Counter(algo for algo, _ in found)
        return {
            algo if algorithms[algo] == 1 else f"{algo} of {group}": members for (algo, group), members in found.items()
        }

    def validation(self, names: Sequence[str]) -> float:
        """The mean over a learner's seeds of its best score on validation patients; by it learners are chosen."""
        return float(np.mean([validation(self.summary, name) for name in names]))


class Contender(NamedTuple):
    """A learner, all its seeds together, or one rule: its returns on the same patients."""

    name: str
    returns: np.ndarray[Any, np.dtype[np.float64]]  # (seed, patient)

    @property
    def mean(self) -> Estimate:
        """Over patients, and seeds if there are several."""
        return statistics.mean_of_seeds(self.returns)


def page(sections: Iterable[str], *, origin: str) -> str:
    """The whole page; `origin` says what it was written from."""
    parts = list(sections)
    return "\n\n".join([INTRODUCTION.format(origin=origin).rstrip(), *overview(parts), *parts]) + "\n"


def overview(sections: Iterable[str]) -> list[str]:
    """What was aimed at in all sections and whether it was reached, as one table; nothing where nothing was decided."""
    rows = []
    for part in sections:
        heading = part.splitlines()[0].removeprefix("## ")
        anchor = re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")  # as sites that show Markdown make them
        said = re.findall(r"^- (.+?): (\*\*.+?\*\*)[,:.] (.+)$", part, flags=re.MULTILINE)
        rows += [(f"[{heading}](#{anchor})", *cells) for cells in said]
    return [markdown(Sheet("", ("page", "aim", "verdict", "found"), rows))] if rows else []


def origin_of(runs: Iterable[Path], report: Path) -> str:
    """What a page says of the stored runs that it was written from."""
    command = f"{COMMAND} {shlex.join(map(str, runs))} --report {shlex.quote(str(report))}"
    return f"From stored runs, at once or section by section (`--update`):\n\n    {command}"


def updated(text: str, sections: Mapping[Path, str]) -> dict[Path, str]:
    """All sections of a page, by their runs' folders; those of some runs are replaced, or added where it has none.

    Raises:
        ValueError: the page does not say from which runs it was written, or has other sections.
    """
    introduction, *stored = re.split(r"\n\n(?=## )", text.rstrip("\n"))
    line = next((line.strip() for line in introduction.splitlines() if line.strip().startswith(COMMAND)), COMMAND)
    runs = [Path(each) for each in shlex.split(line.removeprefix(COMMAND))[:-2]]  # without --report FILE
    headings = [old.splitlines()[0] for old in stored]
    if not runs or len(runs) != len(stored) or not all(map(str.endswith, headings, (f" ({run.name})" for run in runs))):
        raise ValueError("not one section for each run that it names")
    fresh = {run.name: (run, part) for run, part in sections.items()}
    kept = [fresh.pop(run.name, (run, old)) for run, old in zip(runs, stored, strict=True)]
    return dict([*kept, *fresh.values()])


def section(stored: Stored | StoredOptimum) -> str:
    """A run's part of the page."""
    return stored.section() if isinstance(stored, StoredOptimum) else _benchmark(stored)


def _benchmark(stored: Stored) -> str:
    task, about = stored.summary["task"], stored.provenance
    shifted = "" if task["shift"] is None else f", shifted: {words(task['shift'])}"
    seen = ", true state shown" if task.get("observation", "clinic") == "full" else ""
    every = f"a visit every {stored.summary['scenario']['visit_interval_days']:g} days"
    rare = "" if task.get("visit_interval") is None else f", {every}"
    parts = [
        f"## {words(task['disease']).capitalize()}, {task['cohort']} cohort{rare}{shifted}{seen} ({stored.name})",
        f"{task['patients']} patients, seed {task['seed']}, `{task['environment']}`, {every}; commit "
        f"{commit(about)}:\n\n"
        f"    metaenv {shlex.join(about['arguments'])}",
        markdown(outcome_sheet(stored)),
    ]
    said = [*verdicts(stored), *_trained(stored)]
    return "\n\n".join([*parts, "\n".join(f"- {line}" for line in said)] if said else parts)


def _trained(stored: Stored) -> list[str]:
    """How each learner was trained."""
    return [how_trained(name, stored.summary["parameters"][name]) for name in stored.named(LEARNER)]


def verdicts(stored: Stored) -> list[str]:
    """What was aimed at and whether it was reached, a line of Markdown each; nothing that the run cannot decide."""
    if stored.summary["task"].get("observation", "clinic") != "clinic":
        unfair = "No verdict on learners and rules: learners saw the true state here, which rules and clinics do not."
        return [unfair, *_gap(stored), *_converged(stored)]
    return [*_beaten(stored), *_gap(stored), *_standard(stored), *_converged(stored)]


def outcome_sheet(stored: Stored) -> Sheet:
    """A row per policy, the best first."""
    drugs = [f"{DOSE}{name}" for name in stored.summary["scenario"]["drugs"]]
    best = _best(stored, ORACLE)
    oracle = None if best is None else best.name
    horizon = float(stored.summary["scenario"]["horizon_days"])
    ranked: list[tuple[float, tuple[str, ...]]] = []
    for name, group in stored.episodes.groupby("policy", sort=False):
        found = outcomes(group, horizon)
        cells = [words(str(name)), stored.kind(str(name))]
        cells += [written(found[key], digits=2) for key in ("return", "return_iqm")]
        cells += [
            written(found[f"{key}_median_days"].scaled(1 / DAYS_PER_MONTH)) for key in ("survival", "progression")
        ]
        cells += [" / ".join(f"{100 * found[drug].value:.0f}" for drug in drugs)]
        cells += [written(found[key].scaled(100.0)) for key in ("toxic", "cured")]
        if oracle is not None:
            regret = statistics.paired_difference(stored.returns(oracle), stored.returns(str(name)))
            cells.append("" if name == oracle else written(regret, digits=2))
        ranked.append((found["return"].value, tuple(cells)))
    rows = [cells for _, cells in sorted(ranked, key=lambda row: -row[0])]
    header = (
        "policy",
        "kind",
        stored.summary["return_unit"],
        "of the middle half",
        "median survival, months",
        "median time to progression, months",
        "dose, % (" + " / ".join(stored.summary["scenario"]["drugs"]) + ")",
        "toxic deaths, %",
        "cured, %",
        *(() if oracle is None else ("regret",)),
    )
    return Sheet("", header, rows)


def _contenders(stored: Stored, kind: str) -> list[Contender]:
    groups = stored.learners() if kind == LEARNER else {name: [name] for name in stored.named(kind)}
    return [
        Contender(
            name if len(members) == 1 else f"{name}, {len(members)} seeds",
            np.stack([np.asarray(stored.returns(member), dtype=np.float64) for member in members]),
        )
        for name, members in groups.items()
    ]


def _best(stored: Stored, kind: str) -> Contender | None:
    """The learner with the best validation score, or the rule with the highest return on these patients."""
    if kind != LEARNER:
        return max(_contenders(stored, kind), key=lambda each: float(each.returns.mean()), default=None)
    scores = [stored.validation(members) for members in stored.learners().values()]
    return _contenders(stored, kind)[int(np.argmax(scores))] if scores else None


def _beaten(stored: Stored) -> list[str]:
    """The best learner against the best tuned rule."""
    learner, rule = _best(stored, LEARNER), _best(stored, TUNED_RULE)
    if learner is None or rule is None:
        return []
    mine, other = learner.mean, rule.mean
    if mine.low > other.high:
        verdict = "**met**"
    elif mine.high < other.low:
        verdict = "**missed**: the rule is better"
    else:
        verdict = "**missed**: the intervals touch"
    gain = statistics.mean_of_seeds(learner.returns - rule.returns)
    return [
        f"Best learner above the best tuned rule: {verdict}. {words(learner.name)} {written(mine, digits=2)}, "
        f"{words(rule.name)} {written(other, digits=2)}; paired difference {written(gain, digits=2)}."
    ]


def _gap(stored: Stored) -> list[str]:
    """How far the best learner goes from the best tuned rule towards the oracle."""
    learner, rule, oracle = _best(stored, LEARNER), _best(stored, TUNED_RULE), _best(stored, ORACLE)
    if learner is None or rule is None or oracle is None:
        return []
    room = statistics.mean_of_seeds(oracle.returns - rule.returns)
    if not room.low > 0.0:
        seen = f"no gap is seen: the oracle minus the rule is {written(room, digits=2)}."
        return [f"{100 * GAP:.0f} % of the gap from the best tuned rule to the oracle closed: **undecided**, {seen}"]
    gap = np.broadcast_to(oracle.returns - rule.returns, learner.returns.shape)
    closed = statistics.ratio_of_means(learner.returns - rule.returns, gap)
    verdict = "**met**" if closed.low >= GAP else "**missed**" if closed.high < GAP else "**undecided**"
    share = written(closed.scaled(100.0))
    return [f"{100 * GAP:.0f} % of the gap from the best tuned rule to the oracle closed: {verdict}. {share} %."]


def _standard(stored: Stored) -> list[str]:
    """On shifted patients: every learner against the maximum tolerated dose."""
    if stored.summary["task"]["shift"] is None or STANDARD not in stored.summary["kinds"]:
        return []
    lines = []
    for learner in _contenders(stored, LEARNER):
        gain = statistics.mean_of_seeds(learner.returns - np.asarray(stored.returns(STANDARD)))
        verdict = "**missed**" if gain.high < 0.0 else "**met**" if gain.low >= 0.0 else "**undecided**"
        lines.append(
            f"{words(learner.name)} not below the maximum tolerated dose: {verdict}. Paired difference "
            f"{written(gain, digits=2)}."
        )
    return lines


def _converged(stored: Stored) -> list[str]:
    """What twice the copies change in a planner's return."""
    lines = []
    for name in stored.summary["kinds"]:
        doubled = f"{name}{DOUBLED}"
        if doubled not in stored.summary["kinds"]:
            continue
        before, after = (np.asarray(stored.returns(each), dtype=np.float64) for each in (name, doubled))
        change = statistics.ratio_of_means(after - before, before)
        within = change.low >= -CONVERGED and change.high <= CONVERGED
        beyond = change.low > CONVERGED or change.high < -CONVERGED
        verdict = "**met**" if within else "**missed**" if beyond else "**undecided**"
        lines.append(
            f"{words(name)} changes by less than {100 * CONVERGED:.0f} % with twice the copies: {verdict}. "
            f"{written(change.scaled(100.0), digits=2)} %."
        )
    return lines
