"""What `results` says of a run of `optimum`."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from typing import Any, NamedTuple

from metaenv_experiments.pages.sheets import Sheet, commit, how_trained, markdown, words, written
from metaenv_experiments.running.store import RunFolder
from metaenv_experiments.trials.contestants import LEARNER
from metaenv_experiments.trials.statistics import Estimate
from metaenv_experiments.trials.trial import SUMMARY

DISEASE = "strobl2021"  # the model whose optimum is known
DAYS = "days.parquet"  # one row per patient: days without progression under the optimum and every policy
NEAR = 0.98  # share of the optimum that the best learner should reach


class StoredOptimum(NamedTuple):
    """A finished comparison with the exact optimum."""

    name: str  # of its folder
    summary: Mapping[str, Any]
    provenance: Mapping[str, Any]

    @classmethod
    def of(cls, folder: RunFolder) -> StoredOptimum:
        """Read it from its folder."""
        return cls(folder.path.name, folder.read_json(SUMMARY), folder.read_json("provenance.json"))

    def section(self) -> str:
        """Its part of the page."""
        found, about = self.summary, self.provenance
        parts = [
            f"## The exact optimum of a two-population model ({self.name})",
            f"{found['patients']} test patients of `metaenv/Strobl2021-v0`, of whom {found['at_stake']} progress even "
            f"under the best doses, which dynamic programming finds with the true state, after "
            f"{found['optimum_days'] or 0:.0f} days on average; below, their time to progression as a share of that. "
            f"Commit {commit(about)}:\n\n"
            f"    metaenv {shlex.join(about['arguments'])}",
        ]
        if found["at_stake"]:
            parts.append(markdown(self._sheet()))
            parts += self._verdict()
        return "\n\n".join(parts)

    def _sheet(self) -> Sheet:
        ranked = sorted(self.summary["policies"].items(), key=lambda item: -item[1]["share"]["value"])
        rows = [
            (
                words(name),
                self.summary["kinds"][name],
                written(self._share(name).scaled(100.0)),
                *(f"{100 * found[end]:.1f}" for end in ("median", "lowest", "highest")),
            )
            for name, found in ranked
        ]
        return Sheet("", ("policy", "kind", "share of the optimum, %", "median", "lowest", "highest"), rows)

    def _share(self, name: str) -> Estimate:
        stored = self.summary["policies"][name]["share"]
        return Estimate(**{key: math.nan if value is None else value for key, value in stored.items()})

    def _verdict(self) -> list[str]:
        """Whether the learner that is best on validation patients comes near the optimum, and how each was trained."""
        about = {
            name: self.summary["parameters"][name] for name, kind in self.summary["kinds"].items() if kind == LEARNER
        }
        if not about:
            return []
        best = max(about, key=lambda name: -1.0 if about[name]["validation"] is None else about[name]["validation"])
        share = self._share(best)
        verdict = "**met**" if share.low >= NEAR else "**missed**" if share.high < NEAR else "**undecided**"
        lines = [
            f"- Best learner within {100 * (1 - NEAR):.0f} % of the optimum: {verdict}. {words(best)} "
            f"{written(share.scaled(100.0))} %."
        ]
        lines += [f"- {how_trained(name, each)}" for name, each in about.items()]
        return ["\n".join(lines)]
