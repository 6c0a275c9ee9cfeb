"""The page that `barriers` writes: what was removed, what was tried, what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metaenv_experiments.reporting.tables import Table, markdown, words
from metaenv_experiments.studies.barriers.ablations import ABLATIONS
from metaenv_experiments.studies.barriers.statements import DEEP, LATE, MATTERS, MOST, RARE, Results
from metaenv_experiments.studies.barriers.strategies import STRATEGIES, applies
from metaenv_experiments.studies.barriers.tables import outcome_tables, statement_list, trait_table
from metaenv_experiments.studies.barriers.verdicts import FEWEST, Finding

INTRODUCTION = """# Why secondary cancer is so hard to cure

Each barrier to cure is taken away from the same patients, alone and all at once, and the same treatments are tried
again. What then changes is what the barrier did. Cured means that no tumour cell is left, sleeping ones included;
nobody in the clinic can know it. The numbers are those of the model, whose rates are in part guesses (`model.md`):
they say what follows from its assumptions, not how often real patients are cured.

Written by

    {command}

with the same {patients} {cohort} patients and the same luck (seed {seed}) everywhere. Intervals are 95 %: shares by
Wilson, medians by Kaplan and Meier (deaths without progression censored), differences patient by patient, those of the
time to progression until progression, death or the end of follow-up."""

REMOVED = "## What is removed"
TRIED = """## What is tried

Local therapy is a surgeon's that no clinic has: any lesion in any organ, as often as wanted, without risk and without a
cell left behind. So it can hold a disease for years; the question is whether it ends it. A disease that offers none of
its own borrows that of lung cancer. Where nothing is seen at the start there is no marker to follow, and adaptive
therapy does not apply; nor is there any tumour cell without dissemination, and who is then called cured had nothing to
be cured of."""
DECIDED = f"""## How a statement is decided

By the intervals, in code. *Shown*: the whole interval of every number that decides (→) lies on the side that the
statement claims; *refuted*: one lies on the other side; else *undecided*, as with fewer than {FEWEST} patients.

- "Does not cure", "hardly anybody": cures below {100 * RARE:g} % of the patients; "most": above {100 * MOST:g} %.
- "Die at once" is an experiment: every cell, whatever it carries and wherever it sits, survives with the same chance;
  then nothing is done. Deep responses to treatment are those by {DEEP:g} log10 or more.
- A shield leaves at least {MATTERS:g} log10 more cells at the nadir under the combination.
- A late relapse ends a silence (no visible lesion, no drug) of {LATE[True]:g} years or more, of {LATE[False]:g} where
  nothing was seen at the start, after local therapy and one year of the combination.
- A cell is resistant to a drug that has less than half of its usual effect on it at the average concentration of full
  dose; resistant cells at the start are counted in the patients who have a lesion.
- Acquired resistance is the largest share among the traits that make a cell resistant to the drug, in patients who
  progressed while it was given, against the same patient on the same day untreated.
- Adaptive therapy lets the tumour grow back on purpose. Progression measured from the nadir (RECIST) counts that
  against it, and survival is the fairer measure there."""


def page(
    everything: Sequence[Results],
    found: Mapping[str, Sequence[Finding]],
    pictures: Mapping[str, str],
    about: Mapping[str, str],
) -> str:
    """The whole page.

    Args:
        everything: results of each disease.
        found: the findings of each disease.
        pictures: path of each disease's picture, as seen from the page.
        about: what the introduction names.
    """
    removed = Table(
        "", ("barrier removed", "what the simulator does then"), [(words(r.name), r.does) for r in ABLATIONS.values()]
    )
    tried = Table("", ("strategy", "what is done"), [(words(s.name), s.does) for s in STRATEGIES.values()])
    parts = [INTRODUCTION.format(**about), REMOVED, _left(removed), TRIED, _left(tried), DECIDED]
    for results in everything:
        parts += _disease(results, found[results.disease], pictures[results.disease])
    return "\n\n".join(parts) + "\n"


def _disease(results: Results, found: Sequence[Finding], picture: str) -> list[str]:
    name = words(results.disease)
    parts = [f"## {name.capitalize()}", f"![Cure and survival by removed barrier, {name}]({picture})"]
    parts += ["### What is shown", statement_list(found)]
    for table, strategy in zip(outcome_tables(results), _applying(results.disease), strict=True):
        parts += [f"### {words(strategy).capitalize()}", markdown(table)]
    traits = trait_table(results)
    return [
        *parts,
        "### Traits that a drug leaves behind",
        f"{traits.title.partition(': ')[2].capitalize()}.",
        markdown(traits),
    ]


def _applying(disease: str) -> list[str]:
    return [strategy.name for strategy in STRATEGIES.values() if applies(strategy, disease)]


def _left(table: Table) -> str:
    return markdown(table).replace("--:", "---")
