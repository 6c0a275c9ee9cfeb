"""The course of a game as comma-separated values: the columns of a benchmark's courses, and what else a clinic saw."""

from __future__ import annotations

import numpy as np
import pandas as pd

import metaenv
from metaenv_experiments.evaluation.rollout import Ledger
from metaenv_experiments.play.game import Game

HIDDEN = ("burden", "visible_burden", "dormant", "lesions", "visible_lesions")  # what no clinic knows
HIDDEN_OF_EACH = ("resistant_", "toxicity_")  # a clinic reads a toxicity as a grade


def course_table(game: Game) -> pd.DataFrame:
    """A row per visit, the first being the baseline; columns as of `courses.parquet`, with the truth."""
    ids = game.setup.task.ids
    ledger = Ledger(game.scenario, ids, watch=ids.tolist())
    first, *others = game.moments
    ledger.open(first.infos)
    for each in others:
        ledger.record(np.ones(1, dtype=np.bool_), each.reward, each.infos)
    return ledger.close(game.moments[-1].infos).courses


def seen_table(game: Game) -> pd.DataFrame:
    """Measurements that a benchmark does not keep, a row per visit."""
    scenario, visits = game.scenario, game.visits
    columns = {
        "sum_of_diameters": [visit.sum_of_diameters for visit in visits],
        "scanned": [visit.scanned for visit in visits],
        "response": [metaenv.RESPONSES[visit.response] for visit in visits],
        "tumour_dna_found": [visit.sequenced for visit in visits],
    }
    alleles = {f"allele_{trait}": [visit.alleles[k] for visit in visits] for k, trait in enumerate(scenario.traits)}
    grades = {f"grade_{kind}": [visit.grades[k] for visit in visits] for k, kind in enumerate(scenario.toxicities)}
    return pd.DataFrame(columns | alleles | grades)


def csv(game: Game) -> str:
    """The course, with the truth only where it has been revealed."""
    table = course_table(game)
    if not game.revealed:
        hidden = [name for name in table if name in HIDDEN or name.startswith(HIDDEN_OF_EACH)]
        table = table.drop(columns=hidden)
    table["cause"] = [metaenv.CAUSES[cause] for cause in table["cause"]]
    table["local_therapy"] = [metaenv.PROCEDURES[done] for done in table["local_therapy"]]
    return str(pd.concat([table, seen_table(game)], axis=1).to_csv(index=False))
