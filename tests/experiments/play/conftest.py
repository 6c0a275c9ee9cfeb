"""What tests of the game share."""

import pytest

from metaenv_experiments.play.game import Game
from metaenv_experiments.play.setup import Setup

PATIENT = 200_003  # outlives a few visits under every treatment


@pytest.fixture
def prostate():
    """A patient with prostate cancer, as the benchmark has it."""
    return Setup(disease="prostate", patient=PATIENT)


@pytest.fixture
def game(prostate):
    """The same at the first visit."""
    return Game(prostate)
