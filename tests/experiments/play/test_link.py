"""A line of text that plays a game again to the same bits."""

import subprocess
import sys

import pytest

from metaenv.registration import VERSION
from metaenv_experiments.play.game import Game
from metaenv_experiments.play.link import read_link, write_link
from metaenv_experiments.play.setup import Setup
from metaenv_experiments.running.options import UsageError

SETUPS = [
    Setup(disease="prostate", patient=200_003),
    Setup(disease="lung", patient=7, seed=12, without=("dormancy", "stroma"), local_therapy=True),
    Setup(disease="breast_recurrent", patient=123_456, seed=3, without=("immune_escape",)),
]
FINGERPRINT = """
import sys
from metaenv_experiments.play.game import Game
game = Game.of_link(sys.argv[1])
print(game.link, game.worth.hex(), [each.observation.tobytes().hex() for each in game.moments][-1])
"""


def played(setup):
    game = Game(setup)
    drugs, local = len(game.scenario.drugs), [0] * setup.local_therapy
    game.treat([2] * drugs + local, "scan")
    game.treat([1, *[0] * (drugs - 1), *local])
    game.treat([0] * drugs + local, "scan")
    return game


@pytest.mark.parametrize("setup", SETUPS, ids=lambda setup: setup.disease)
def test_a_link_plays_the_same_course(setup):
    game = played(setup)
    again = Game.of_link(game.link)
    assert again.setup == setup and again.choices == game.choices and again.link == game.link
    for one, other in zip(game.moments, again.moments, strict=True):
        assert (one.visit, one.truth) == (other.visit, other.truth)
        assert one.observation.tobytes() == other.observation.tobytes()


def test_a_link_plays_the_same_course_in_another_process():
    game = played(SETUPS[0])
    command = [sys.executable, "-c", FINGERPRINT, game.link]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert told == [game.link, game.worth.hex(), game.moments[-1].observation.tobytes().hex()]


def test_the_whole_address_of_a_page_is_a_link_too():
    assert read_link(f"http://127.0.0.1:1/token/#{write_link(SETUPS[1], [(2, 0, 1, 0)])}\n") == (
        SETUPS[1],
        ((2, 0, 1, 0),),
    )


def test_choices_are_packed():
    text = write_link(SETUPS[0], [(2, 0)] * 3 + [(0, 0)] + [(2, 0)] * 2)
    assert text.endswith("&choices=20x3.00.20x2")
    assert text.startswith(f"v={VERSION}&disease=prostate&patient=200003&seed=0")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "version of the link must be 1, as here, got 'none'"),
        ("nonsense", "link must be like v=1&disease=prostate"),
        ("v=1&disease=prostate&patient=1&unheard=2", "part of the link must be one of"),
        ("v=1&disease=prostate&patient=1&patient=2", "part of the link must be one of"),
        ("v=0&disease=prostate&patient=1", "version of the link must be 1, as here, got '0'"),
        ("disease=prostate&patient=1", "version of the link must be 1, as here, got 'none'"),
        ("v=1&disease=prostate&patient=x", "patient must be a whole number >= 0, got 'x'"),
        ("v=1&disease=prostate&patient=1&seed=-1", "seed must be a whole number >= 0, got '-1'"),
        ("v=1&disease=prostate&patient=1&choices=2a", "choice in the link must be digits"),
        ("v=1&disease=prostate&patient=1&choices=20x0", "repeats in the link must be"),
        ("v=1&disease=prostate&patient=1&choices=20x999999999", "repeats in the link must be"),
        ("v=1&disease=prostate&patient=1&choices=" + "20." * 10_000, "length of the link must be at most"),
        ("v=1&disease=prostate&patient=1&choices=200", "action must have shape"),
        ("v=1&disease=prostate&patient=1&choices=90", "action for 'abiraterone' must be a whole number from 0 to 2"),
        ("v=1&disease=prostate&patient=1&choices=00x9000", "choices must be at most"),
    ],
)
def test_what_is_no_link_is_refused(text, said):
    with pytest.raises(UsageError, match=said):
        Game.of_link(text)
