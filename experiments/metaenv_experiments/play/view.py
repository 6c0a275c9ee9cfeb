"""A game as the page reads it: what the clinic knows and nothing else."""

from __future__ import annotations

from typing import Any

import metaenv
from metaenv_experiments.play.body_map import body_map, position_of
from metaenv_experiments.play.course import Visit
from metaenv_experiments.play.game import Game
from metaenv_experiments.play.policies import doctors
from metaenv_experiments.play.setup import BARRIERS, has_local_therapy, offered

LEVELS = ("none", "half", "full")


def choices() -> dict[str, Any]:
    """What may be chosen before a game: diseases, barriers, cohorts."""
    return {
        "diseases": [
            {
                "name": name,
                "title": metaenv.DISEASES[name].title,
                "drugs": [drug.name for drug in metaenv.DISEASES[name].drugs],
                "local_therapy": has_local_therapy(name),
            }
            for name in offered()
        ],
        "barriers": [{"name": each.name, "does": each.does} for each in BARRIERS.values()],
        "cohorts": {name: [ids.start, ids.stop - 1] for name, ids in metaenv.COHORTS.items()},
    }


def game_view(name: str, game: Game) -> dict[str, Any]:
    """A game under the name that the server knows it by."""
    return {
        "game": name,
        "link": game.link,
        "setup": _setup(game),
        "clinic": _clinic(game),
        "visits": [_visit(game, visit) for visit in game.visits],
        "choices": game.choices,
        "allowed": game.allowed,
        "worth": game.worth,
        "over": game.over,
        "revealed": game.revealed,
    }


def _setup(game: Game) -> dict[str, Any]:
    setup = game.setup
    return {
        "disease": setup.disease,
        "patient": setup.patient,
        "seed": setup.seed,
        "without": setup.without,
        "local_therapy": setup.local_therapy,
    }


def _clinic(game: Game) -> dict[str, Any]:
    """What is known beforehand of the disease, its drugs and the calendar."""
    scenario, disease = game.scenario, game.scenario.disease
    return {
        "title": disease.title,
        "drugs": [
            {"name": drug.name, "infusion": drug.infusion, "cycle": drug.cycle, "most_cycles": drug.most_cycles}
            for drug in scenario.drugs
        ],
        "levels": LEVELS,
        "procedures": metaenv.PROCEDURES if scenario.local_therapy else (),
        "organs": scenario.organs,
        "traits": scenario.traits,
        "toxicities": scenario.toxicities,
        "marker": disease.sensors.marker,
        "marker_unit": disease.sensors.marker_unit,
        "dosing_neutrophils": disease.host.dosing_neutrophils,
        "visit_interval": scenario.visit_interval,
        "scan_interval": disease.sensors.scan_interval,
        "horizon": scenario.horizon,
        "responses": metaenv.RESPONSES,
        "causes": metaenv.CAUSES,
        "doctors": [{"name": each.name, "kind": each.policy.kind} for each in doctors(game.setup)],
        "body": body_map(scenario.organs),
    }


def _visit(game: Game, visit: Visit) -> dict[str, Any]:
    """A visit; its lesions with their places on the figure."""
    lesions = [
        each._asdict() | {"place": position_of(game.scenario.organs, each.organ, each.slot)} for each in visit.lesions
    ]
    return visit._asdict() | {"lesions": lesions}
