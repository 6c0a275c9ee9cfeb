"""Policies to hand on: a folder of numbers and words, in which nothing is executed.

`policy.safetensors` holds the arrays, `policy.json` what they mean, for whom and how they were learned, and the SHA-256
sum of the arrays. Pretrained policies lie in `agents/metaenv_agents/pretrained/<disease>/<name>`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from metaenv_agents.policy import FloatArray
from metaenv_agents.rl.policy import TrainedPolicy

PRETRAINED = Path(__file__).parent / "pretrained"
ARRAYS, ABOUT, CARD = "policy.safetensors", "policy.json", "README.md"


def pretrained() -> list[str]:
    """Name the policies that ship with the project, such as "prostate/ppo"."""
    return sorted(place.parent.relative_to(PRETRAINED).as_posix() for place in PRETRAINED.glob(f"*/*/{ABOUT}"))


def about(name: str | Path) -> dict[str, Any]:
    """Return what a shared policy says of itself: its environment, training, and results.

    Args:
        name: as of `load`.

    Raises:
        ValueError: there is none, or it is damaged.
    """
    place = _place(name)
    try:
        told: dict[str, Any] = json.loads((place / ABOUT).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"the policy in {place} cannot be read: {type(error).__name__}: {error}") from error
    return told


def load(name: str | Path) -> TrainedPolicy:
    """Return a shared policy, which acts in plain NumPy.

    Args:
        name: of a pretrained policy, such as "prostate/ppo", or the folder of any shared one.

    Raises:
        ValueError: there is none, or it is damaged.
    """
    place, told = _place(name), about(name)
    from safetensors import SafetensorError
    from safetensors.numpy import load as parse

    try:
        content = (place / ARRAYS).read_bytes()
        expected = told["sha256"]
        if (found := hashlib.sha256(content).hexdigest()) != expected:
            raise ValueError(f"{place / ARRAYS} must have SHA-256 {expected}, got {found}")
        return TrainedPolicy.of_parts(told["policy"], parse(content))
    except (OSError, KeyError, TypeError, SafetensorError) as error:
        raise ValueError(f"the policy in {place} cannot be read: {type(error).__name__}: {error}") from error


def described(policy: TrainedPolicy, facts: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the files of a shared policy, by name; `facts` is added to what they say of themselves."""
    from safetensors.numpy import save

    shape, arrays = policy.parts()
    content = save({name: _lean(array) for name, array in arrays.items()})
    told = {"policy": shape, "sha256": hashlib.sha256(content).hexdigest(), **facts}
    return {ARRAYS: content, ABOUT: (json.dumps(told, indent=2) + "\n").encode()}


def _place(name: str | Path) -> Path:
    place = PRETRAINED / name if str(name) in pretrained() else Path(name)
    if not (place / ABOUT).is_file():
        raise ValueError(f"policy must be one of {pretrained()} or a folder with {ABOUT}, got {str(name)!r}")
    return place


def _lean(array: FloatArray) -> FloatArray:
    """The array in 32 bits where nothing is lost by it, as with everything that torch learned."""
    small = np.ascontiguousarray(array, dtype=np.float32)
    return small if np.array_equal(small, array) else np.ascontiguousarray(array)
