"""The games of a server: several side by side, each with a lock; the one that rested longest is forgotten."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from metaenv_experiments.play.game import Game

MOST = 16  # games that are kept; a forgotten one comes back by its link


class UnknownGame(KeyError):
    """There is no game of this name here, or no longer; its link brings it back."""


class Games:
    """Games by names that nobody can guess."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Game, Lock]] = OrderedDict()
        self._lock = Lock()

    def add(self, game: Game) -> str:
        """Keep a game; returns its name."""
        name = secrets.token_urlsafe(9)
        with self._lock:
            self._kept[name] = (game, Lock())
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return name

    @contextmanager
    def use(self, name: str) -> Iterator[Game]:
        """Have a game for oneself.

        Raises:
            UnknownGame: there is none of this name.
        """
        with self._lock:
            if name not in self._kept:
                raise UnknownGame(name)
            self._kept.move_to_end(name)
            game, lock = self._kept[name]
        with lock:
            yield game
