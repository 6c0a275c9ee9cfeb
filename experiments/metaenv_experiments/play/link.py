"""A line of text that holds a game: disease, patient, seed, switches and every choice; it replays to the same bits."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from urllib.parse import parse_qs, urlencode

from metaenv.registration import VERSION
from metaenv_experiments.play.setup import Setup
from metaenv_experiments.running.options import UsageError, require

Choice = tuple[int, ...]  # levels of the drugs, then the procedure where it is offered
KEYS = ("v", "disease", "patient", "seed", "without", "local", "choices")
LONGEST = 20_000  # characters


def write_link(setup: Setup, choices: Sequence[Choice]) -> str:
    """The link of a game: `v=1&disease=prostate&patient=200000&seed=0&choices=20x3.00x2`.

    Each choice is a digit per drug, and per procedure; `x3` says that it was made at three visits in a row.
    """
    parts: dict[str, Any] = {
        "v": VERSION,
        "disease": setup.disease,
        "patient": setup.patient,
        "seed": setup.seed,
        "without": ",".join(setup.without),
        "local": "1" if setup.local_therapy else "",
        "choices": _packed(choices),
    }
    return urlencode({key: value for key, value in parts.items() if value != ""}, safe=",")


def read_link(text: str) -> tuple[Setup, tuple[Choice, ...]]:
    """What a link holds; also of a page's whole address, of which it is what follows the #.

    Raises:
        UsageError: it is no link, or one of another version of the environment.
    """
    require(len(text) <= LONGEST, "length of the link", len(text), f"at most {LONGEST} characters")
    try:
        values = parse_qs(text.strip().rpartition("#")[2], strict_parsing=True, max_num_fields=len(KEYS))
    except ValueError as error:
        raise UsageError(f"link must be like {write_link(EXAMPLE, [(2, 0)])}, got {text[:200]!r}") from error
    for key, given in values.items():
        require(key in KEYS and len(given) == 1, "part of the link", key, f"one of {', '.join(KEYS)}, each once")
    found = {key: given for key, (given,) in values.items()}
    require(found.get("v") == str(VERSION), "version of the link", found.get("v", "none"), f"{VERSION}, as here")
    setup = Setup(
        disease=found.get("disease", ""),
        patient=_whole("patient", found.get("patient", "")),
        seed=_whole("seed", found.get("seed", "0")),
        without=tuple(name for name in found.get("without", "").split(",") if name),
        local_therapy=found.get("local", "") == "1",
    )
    return setup, _unpacked(found.get("choices", ""))


EXAMPLE = Setup(disease="prostate", patient=200_000)


def _packed(choices: Sequence[Choice]) -> str:
    runs = [(choice, len(list(run))) for choice, run in groupby(choices)]
    return ".".join("".join(map(str, choice)) + (f"x{count}" if count > 1 else "") for choice, count in runs)


def _unpacked(text: str) -> tuple[Choice, ...]:
    choices: list[Choice] = []
    for run in filter(None, text.split(".")):
        digits, _, times = run.partition("x")
        count = _whole("repeats in the link", times) if times else 1
        require(digits.isascii() and digits.isdigit(), "choice in the link", run, "digits, one per drug")
        require(1 <= count <= LONGEST - len(choices), "repeats in the link", times, "as many as there are visits")
        choices += [tuple(map(int, digits))] * count
    return tuple(choices)


def _whole(what: str, text: str) -> int:
    require(text.isascii() and text.isdigit() and len(text) <= 16, what, text, "a whole number >= 0")
    return int(text)
