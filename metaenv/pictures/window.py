"""A window on the screen, by pygame: opened when the first picture is shown, as Gymnasium's own environments do."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray


class Window:
    """Shows pictures of one size, no more of them per second than asked for."""

    def __init__(self, title: str, pace: float) -> None:
        self.title, self.pace = title, pace
        self._pygame: Any = None
        self._screen: Any = None
        self._clock: Any = None

    @property
    def open(self) -> bool:
        """Whether there is a window."""
        return self._screen is not None

    def show(self, picture: NDArray[np.uint8]) -> None:
        """Show a picture, (height, width, 3).

        Raises:
            gymnasium.error.DependencyNotInstalled: pygame is missing; the message says how to install it.
        """
        if self._screen is None:
            self._open(picture.shape[1], picture.shape[0])
        surface = self._pygame.surfarray.make_surface(picture.transpose(1, 0, 2))
        self._screen.blit(surface, (0, 0))
        self._pygame.event.pump()
        self._clock.tick(self.pace)
        self._pygame.display.flip()

    def close(self) -> None:
        """Close the window, if there is one; the next picture opens another."""
        if self._screen is not None:
            self._pygame.display.quit()
            self._pygame.quit()
        self._pygame = self._screen = self._clock = None

    def _open(self, width: int, height: int) -> None:
        try:
            self._pygame = import_module("pygame")
        except ImportError as missing:
            raise gymnasium.error.DependencyNotInstalled(
                "render_mode='human' needs pygame, which is not installed: pip install 'metastasis-env[video]'"
            ) from missing
        self._pygame.display.init()
        self._screen = self._pygame.display.set_mode((width, height))
        self._pygame.display.set_caption(self.title)
        self._clock = self._pygame.time.Clock()

    def __getstate__(self) -> dict[str, Any]:
        """A copy of an environment has no window yet."""
        return self.__dict__ | {"_pygame": None, "_screen": None, "_clock": None}
