"""The pages of results, made from the tables alone: one page of everything, and one for each task."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

from metaenv_experiments.evaluation.metrics import DAYS_PER_YEAR, DOSE
from metaenv_experiments.evaluation.policies import LEARNER, ORACLE, RULE, SIMPLE, TUNED_RULE
from metaenv_experiments.evaluation.statistics import Estimate
from metaenv_experiments.reporting.results_rows import STANDARD
from metaenv_experiments.reporting.results_table import FOLDER, TASKS, TRAININGS, Row, TaskRow, TrainingRow, read_rows
from metaenv_experiments.reporting.tables import Table, markdown, words, written
from metaenv_experiments.reporting.verdicts import BEATEN, CONVERGED, GAP, MET, NEAR, Results, verdicts
from metaenv_experiments.running.files import write_text

ONE_PAGE, DETAILS = Path("RESULTS.md"), Path("docs/results")
FRONT, BEGIN, END = "README.md", "<!-- results: written by `metaenv results` -->", "<!-- end of results -->"
UNTREATED, STANDARD_OF_CARE = "no_treatment", "standard_of_care"
BEST = {  # header -> kind whose best is shown
    "best rule": RULE,
    "best tuned rule": TUNED_RULE,
    "best simple policy": SIMPLE,
    "best learner": LEARNER,
}
_Columns: TypeAlias = list[tuple[str, Callable[[Results], str]]]  # header, cell of a task

INTRODUCTION = f"""# Results

Every policy treats the same patients with the same luck. Intervals are 95 %: bootstrap over patients for returns (over
patients and seeds where a learner was trained several times), Kaplan and Meier's for medians, Wilson's for shares.
*Tuned* rules, *simple* policies (a level of each drug, at most two thresholds, found by an audit) and learners were all
fitted on train patients. The best learner is the one with the highest score on validation patients; the bar is the
tuned rule or simple policy with the highest return here. The *oracle* is told the
true state and parameters of the patient and plans with the same simulator: no clinic could, and what it reaches is a
reference, not a proven bound.

Aims, each decided by the intervals: the best learner lies above the bar and their intervals do not touch; it closes
{100 * GAP:.0f} % of the gap from there to the oracle; no learner is below the maximum tolerated dose; a
planner's return changes by less than {100 * CONVERGED:.0f} % with twice the copies; where the optimum is exact, the
best learner is within {100 * (1 - NEAR):.0f} % of it.

This page and those under `{DETAILS}` are made from the tables in `{FOLDER}/` by `metaenv results`; tasks marked *quick*
were run with small numbers, and are there to show that they run.
"""


def write_pages(root: Path) -> list[Path]:
    """Make every page under a folder from its tables; returns what was written."""
    tasks = read_rows(root / FOLDER / TASKS, TaskRow)
    trainings = read_rows(root / FOLDER / TRAININGS, TrainingRow)
    results = [Results(task, read_rows(root / FOLDER / f"{task.task}.csv", Row)) for task in tasks]
    pages = {root / ONE_PAGE: one_page(results)}
    for found in results:
        own = [training for training in trainings if training.task == found.task.task]
        pages[root / DETAILS / f"{found.task.task}.md"] = task_page(found, own)
    front = root / FRONT
    if front.is_file() and BEGIN in (text := front.read_text(encoding="utf-8")):
        before, (_, end, after) = text.partition(BEGIN)[0], text.partition(BEGIN)[2].partition(END)
        if not end:
            raise ValueError(f"{front} must have the line {END} after {BEGIN}")
        pages[front] = f"{before}{BEGIN}\n{front_part(results)}\n{END}{after}"
    for path, text in pages.items():
        write_text(path, text)
    return list(pages)


def one_page(results: Sequence[Results]) -> str:
    """Everything on one page: a row per task, and what was missed."""
    parts = [INTRODUCTION.rstrip(), "## Return", markdown(overview(results))]
    decided = [(found.task, each) for found in results for each in verdicts(found)]
    for title, wanted in (("Missed or undecided", False), ("Met", True)):
        rows = [
            (_link(task), each.aim, each.verdict, each.found)
            for task, each in decided
            if (each.verdict == MET) is wanted
        ]
        if rows:
            parts += [f"## {title}", markdown(Table("", ("task", "aim", "verdict", "found"), rows))]
    return "\n\n".join(parts) + "\n"


def front_part(results: Sequence[Results]) -> str:
    """What stands on the project's first page: a row per disease, and where a learner is above the bar."""
    usual = [found for found in results if not found.task.unusual and found.policies()]
    units = dict.fromkeys(found.task.unit for found in usual)
    columns: _Columns = [
        (", ".join(units), lambda found: _link(found.task)),
        ("untreated", lambda found: _return(found, UNTREATED)),
        ("standard of care", lambda found: _return(found, STANDARD_OF_CARE)),
        *((header, partial(_return_of_best, kind=kind)) for header, kind in BEST.items() if kind != RULE),
        ("oracle", _oracle),
    ]
    decided = [each for found in usual for each in verdicts(found) if each.aim == BEATEN]
    above, below = sum(each.above for each in decided), sum(each.below for each in decided)
    apart = sum(each.verdict == MET for each in decided)
    said = (
        "The same unseen patients in every column (the oracle: the first of them), with 95 % intervals.\n"
        f"Patient by patient the best learner is above {_bars(usual)} in {above} of {len(decided)} diseases (the "
        f"intervals of the two means are apart in {apart}) and below in {below}.\n"
        "The oracle is told the true state of the patient, which no clinic knows."
    )
    return f"{markdown(_filled(columns, usual))}\n\n{said}"


def _bars(results: Sequence[Results]) -> str:
    """Who took part of those whom a learner must be above."""
    took_part = {TUNED_RULE: "the best tuned rule", SIMPLE: "the best simple policy"}
    return " and ".join(name for kind, name in took_part.items() if any(found.best(kind) for found in results))


def overview(results: Sequence[Results]) -> Table:
    """The return of the policies that stand for all, task by task."""
    columns: _Columns = [
        ("task", lambda found: _link(found.task)),
        ("unit", lambda found: found.task.unit),
        ("untreated", lambda found: _return(found, UNTREATED)),
        ("maximum tolerated dose", lambda found: _return(found, STANDARD)),
        ("standard of care", lambda found: _return(found, STANDARD_OF_CARE)),
        *((header, partial(_named_best, kind=kind)) for header, kind in BEST.items()),
        ("oracle", _oracle),
    ]
    return _filled(columns, [found for found in results if found.policies()])


def _filled(columns: _Columns, results: Sequence[Results]) -> Table:
    """A row per task, without the columns that would be empty."""
    cells = [(header, [cell(found) for found in results]) for header, cell in columns]
    kept = [(header, column) for header, column in cells if any(column) or not results]
    rows = list(zip(*(column for _, column in kept), strict=True))
    return Table("", tuple(header for header, _ in kept), rows)


def task_page(results: Results, trainings: Sequence[TrainingRow]) -> str:
    """All policies of a task, the best first; verdicts; how learners were trained."""
    task = results.task
    counted = "" if results.counted() == task.patients else f" Numbers are of {results.counted()} of them."
    quick = " **A quick run with small numbers.**" if task.size == "quick" else ""
    unusual = f", {task.unusual}" if task.unusual else ""
    parts = [
        f"# {words(task.disease).capitalize()}{unusual}",
        f"{task.patients} patients of the {task.cohort} cohort, seed {task.seed}, `{task.environment}`, a visit every "
        f"{task.visit_interval:g} days, followed for {task.horizon / DAYS_PER_YEAR:.0f} years; commit `{task.commit}`."
        f"{counted}{quick}\n\n"
        f"    {task.command}",
        markdown(outcome_table(results)),
    ]
    said = [f"- {each.aim}: **{each.verdict}**. {each.found}" for each in verdicts(results)]
    parts += ["## Verdicts", "\n".join(said)] if said else []
    lines = [
        f"- {words(each.policy)}: `{each.command}`"
        + (f", begun as `{each.first_command}`" if each.first_command else "")
        + f", {each.steps:,} visits, commit `{each.commit}`"
        + ("" if each.finished else ", **not finished**")
        for each in trainings
    ]
    parts += ["## Trainings", "\n".join(lines)] if lines else []
    return "\n\n".join(parts) + "\n"


def outcome_table(results: Results) -> Table:
    """A row per policy, the best first."""
    metrics = dict.fromkeys(row.metric for row in results.rows)
    unit = results.task.unit
    columns = [
        (header + _of_first(results, {row.patients for row in results.rows if row.metric == metric}), metric, form)
        for header, metric, form in _columns(unit, metrics)
        if metric in metrics
    ]
    names = results.policies() or list(dict.fromkeys(row.policy for row in results.rows))
    rows = [
        (
            words(name) + _of_first(results, results.patients(name)),
            results.kind(name),
            *(_written(results.get(name, metric), *form) for _, metric, form in columns),
        )
        for name in names
    ]
    return Table("", ("policy", "kind", *(header for header, _, _ in columns)), rows)


def _columns(unit: str, metrics: Iterable[str]) -> list[tuple[str, str, tuple[float, int]]]:
    """Header, metric, and its scale and digits."""
    doses = [metric for metric in metrics if metric.startswith(DOSE)]
    return [
        (unit, "return", (1.0, 2)),
        ("of the middle half", "return_iqm", (1.0, 2)),
        ("median survival, months", "survival_median_months", (1.0, 1)),
        ("median time to progression, months", "progression_median_months", (1.0, 1)),
        *((f"dose of {words(dose.removeprefix(DOSE))}, %", dose, (100.0, 0)) for dose in doses),
        ("toxic deaths, %", "toxic", (100.0, 1)),
        ("cured, %", "cured", (100.0, 1)),
        ("regret", "regret", (1.0, 2)),
        ("share of the optimum, %", "share_of_optimum", (100.0, 1)),
        *((f"{which}, %", f"{which}_share", (100.0, 1)) for which in ("median", "lowest", "highest")),
    ]


def _written(estimate: Estimate | None, scale: float, digits: int) -> str:
    return "" if estimate is None else written(estimate.scaled(scale), digits=digits)


def _return(results: Results, name: str) -> str:
    return _written(results.get(name, "return"), 1.0, 2)


def _return_of_best(results: Results, kind: str) -> str:
    return _return(results, results.best(kind) or "")


def _named_best(results: Results, kind: str) -> str:
    name = results.best(kind)
    return "" if name is None else f"{words(name)}: {_return(results, name)}"


def _oracle(results: Results) -> str:
    """The oracle's return, and of how many patients, where not of all."""
    name = results.best(ORACLE)
    if name is None:
        return ""
    return _return(results, name) + _of_first(results, results.patients(name, "return"))


def _of_first(results: Results, patients: set[int]) -> str:
    """That all numbers are of the first patients only."""
    return "" if results.counted() in patients else f", first {max(patients)} patients"


def _link(task: TaskRow) -> str:
    unusual = f", {task.unusual}" if task.unusual else ""
    return f"[{words(task.disease)}{unusual}]({DETAILS}/{task.task}.md)" + (" (quick)" if task.size == "quick" else "")
