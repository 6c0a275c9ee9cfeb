"""Answers about games, to requests that have been let in."""

from __future__ import annotations

import secrets
from contextlib import AbstractContextManager
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

import metaenv
from metaenv_experiments.play.game import Game
from metaenv_experiments.play.games import Games
from metaenv_experiments.play.policies import doctor, doctors
from metaenv_experiments.play.reveal import reveal
from metaenv_experiments.play.setup import Setup
from metaenv_experiments.play.table import csv
from metaenv_experiments.play.view import game_view
from metaenv_experiments.running.options import require

Asked = dict[str, Any]
KINDS = {"a whole number": int, "text": str, "true or false": bool, "a list": list}


class Desk:
    """Answers about games; every method takes a request and what its body holds."""

    def __init__(self) -> None:
        self.games = Games()

    def begin(self, request: Request, asked: Asked) -> Any:
        """A new game: of a link, or of a setup without a patient (one of the test cohort) or with one."""
        if asked.get("link") is not None:
            game = Game.of_link(_fields(asked, link="text")["link"])
        else:
            game = Game(_setup(asked))
        return game_view(self.games.add(game), game)

    def look(self, request: Request, asked: Asked) -> Any:
        """The game as it stands."""
        with self._game(request) as game:
            return game_view(self._name(request), game)

    def treat(self, request: Request, asked: Asked) -> Any:
        """Give an action until the next visit, the next scan, or the end."""
        wanted = {"until": "visit"} | _fields(asked, action="a list", until="text")
        require("action" in wanted, "action", "none", "a list with a level for each drug")
        with self._game(request) as game:
            game.treat(**wanted)
            return game_view(self._name(request), game)

    def undo(self, request: Request, asked: Asked) -> Any:
        """Go back some visits."""
        with self._game(request) as game:
            game.undo(**_fields(asked, visits="a whole number"))
            return game_view(self._name(request), game)

    def play_on(self, request: Request, asked: Asked) -> Any:
        """Let a policy treat from here on."""
        wanted = {"policy": "none", "until": "end"} | _fields(asked, policy="text", until="text")
        with self._game(request) as game:
            game.go_on(doctor(game.setup, wanted["policy"]).begin, wanted["until"])
            return game_view(self._name(request), game)

    def advise(self, request: Request, asked: Asked) -> Any:
        """What everybody else would give now."""
        with self._game(request) as game:
            return {"advice": [{"name": each.name, "choice": each.advise(game)} for each in doctors(game.setup)]}

    def reveal(self, request: Request, asked: Asked) -> Any:
        """The truth, and the same patient under everybody else."""
        with self._game(request) as game:
            return reveal(game)

    def export(self, request: Request, asked: Asked) -> Response:
        """The course as a file."""
        with self._game(request) as game:
            name = f"{game.setup.disease}-{game.setup.patient}.csv"
            headers = {"Content-Disposition": f'attachment; filename="{name}"'}
            return Response(csv(game), media_type="text/csv", headers=headers)

    def _game(self, request: Request) -> AbstractContextManager[Game]:
        return self.games.use(self._name(request))

    @staticmethod
    def _name(request: Request) -> str:
        return str(request.path_params["game"])


def _setup(asked: Asked) -> Setup:
    kinds = {"disease": "text", "patient": "a whole number", "seed": "a whole number"}
    wanted = _fields(asked, **kinds, without="a list", local_therapy="true or false")
    require("disease" in wanted, "disease", "none", "a name")
    wanted.setdefault("patient", secrets.choice(metaenv.COHORTS["test"]))
    names = wanted.pop("without", [])
    require(all(isinstance(name, str) for name in names), "barriers switched off", names, "names")
    return Setup(**wanted, without=tuple(names))


def _fields(asked: Asked, **kinds: str) -> Asked:
    """What was asked, where it is of the right kind; null stands for nothing."""
    for name, value in asked.items():
        require(name in kinds, "field", name, f"one of {', '.join(kinds)}")
        kind = KINDS[kinds[name]]
        right = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        require(right or value is None, name, value, kinds[name])
    return {name: value for name, value in asked.items() if value is not None}
