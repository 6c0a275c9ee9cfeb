"""The page that `arms` writes: every target of every arm beside what was simulated, and the curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from experiments.barrier_tables import Sheet, markdown
from experiments.published import Arm, Target

INTRODUCTION = """# {title}: trial arms, simulated

Written by

    {command}

Each arm treats the same {patients} patients of the {cohort} cohort as the trial did (lines, cycles, when to change) and
measures what it measured; fits use the train cohort. *Accepted*: within the band, ±15 % of a median, ±10 points of a
share on a curve, else as `experiments/published.py` says. Arms that are held back took part in no
search, but were looked at. How the fit was made: "What is compared with limits" in `docs/validation.md`. Sources are
keys of `metaenv/references.bib`."""


def page(
    title: str,
    arms: Sequence[Arm],
    rows: Mapping[str, Sequence[tuple[Target, str, str]]],
    pictures: Mapping[str, str],
    about: Mapping[str, str],
) -> str:
    """The whole page.

    Args:
        title: of the disease.
        arms: in their order.
        rows: of each arm, target, simulated value and verdict.
        pictures: path of each arm's picture, as seen from the page, and of further ones by their caption.
        about: what the introduction names.
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
        parts += [f"## {arm.name}{held}", markdown(Sheet("", header, cells)), f"![{arm.name}]({pictures[arm.name]})"]
    others = {caption: path for caption, path in pictures.items() if caption not in rows}
    parts += [f"## {caption}\n\n![{caption}]({path})" for caption, path in others.items()]
    return "\n\n".join(parts) + "\n"
