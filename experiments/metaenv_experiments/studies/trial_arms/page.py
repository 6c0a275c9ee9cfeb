"""The page that `arms` writes: every target of every arm beside what was simulated, and the curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metaenv_experiments.reporting.tables import Table, markdown
from metaenv_experiments.studies.trial_arms.fit import Fit
from metaenv_experiments.studies.trial_arms.free_parameters import free_of
from metaenv_experiments.studies.trial_arms.published import Arm, Target

INTRODUCTION = """# {title}: trial arms, simulated

Written by

    {command}

Each arm treats the same {patients} patients of the {cohort} cohort as the trial did (lines, cycles, when to change) and
measures what it measured; the fit below used train patients. *Accepted*: within the band, ±15 % of a median, ±10
points of a share on a curve, else as `published.py` says. Arms that are held back took part in
no search. What this comparison is worth: "What is compared with limits" in `docs/validation.md`. Sources are keys of
`metaenv/references.bib`."""
FITTED = """## What was fitted

The search began at the values in the column *start* and tried {evaluations} sets of these numbers on {patients} train
patients; the files carry what it found. Its loss (residuals of the arms that were not held back, and a gentle pull to
the middle of the ranges, see `experiments/README.md`) was {before:.3g} at the start and {after:.3g} at the end. To
search again:

    {command}"""


def _fitted(fit: Fit) -> str:
    """The numbers that were fitted, where they began and what was allowed."""
    command = f"metaenv tune disease --disease {fit.disease} --patients {fit.patients} --seed {fit.seed}"
    command += f" --evaluations {fit.evaluations} --start {fit.disease}"
    text = FITTED.format(
        command=command,
        patients=fit.patients,
        evaluations=fit.evaluations,
        before=fit.loss.start,
        after=fit.loss.best,
    )
    header = ("number", "allowed", "start", "found")
    cells = [
        (
            f"`{each.name}`",
            f"{each.low:.3g}–{each.high:.3g}",
            *(f"{values[each.name]:.4g}" for values in (fit.start, fit.best)),
        )
        for each in free_of(fit.disease)
    ]
    return f"{text}\n\n{markdown(Table('', header, cells))}"


def page(
    title: str,
    arms: Sequence[Arm],
    rows: Mapping[str, Sequence[tuple[Target, str, str]]],
    pictures: Mapping[str, str],
    about: Mapping[str, str],
    fit: Fit | None = None,
) -> str:
    """The whole page.

    Args:
        title: of the disease.
        arms: in their order.
        rows: of each arm, target, simulated value and verdict.
        pictures: path of each arm's picture, as seen from the page, and of further ones by their caption.
        about: what the introduction names.
        fit: what `tune disease` recorded of the disease. None: nothing is said of it.
    """
    parts = [INTRODUCTION.format(title=title[0].upper() + title[1:], **about)]
    for arm in arms:
        held = ", held back" if arm.held_back else ""
        cells = [
            (
                target.quantity.replace("_", " "),
                f"{target.value:.3g}",
                f"{target.low:.3g}–{target.high:.3g}",
                simulated,
                verdict,
                target.source,
            )
            for target, simulated, verdict in rows[arm.name]
        ]
        header = ("quantity", "published", "band", "simulated", "verdict", "source")
        parts += [f"## {arm.name}{held}", markdown(Table("", header, cells)), f"![{arm.name}]({pictures[arm.name]})"]
    if fit is not None:
        parts += [_fitted(fit)]
    others = {caption: path for caption, path in pictures.items() if caption not in rows}
    parts += [f"## {caption}\n\n![{caption}]({path})" for caption, path in others.items()]
    return "\n\n".join(parts) + "\n"
