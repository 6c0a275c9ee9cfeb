"""Trained policies saved to be handed on: a folder of numbers and words, in which nothing is executed.

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
    return sorted(file.parent.relative_to(PRETRAINED).as_posix() for file in PRETRAINED.glob(f"*/*/{ABOUT}"))


def about(name: str | Path) -> dict[str, Any]:
    """Return what a saved policy says of itself: its environment, training, and results.

    Args:
        name: as of `load`.

    Raises:
        ValueError: there is none, or it is damaged.
    """
    folder = _folder(name)
    try:
        facts: dict[str, Any] = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"the policy in {folder} cannot be read: {type(error).__name__}: {error}") from error
    return facts


def load(name: str | Path) -> TrainedPolicy:
    """Return a saved policy, which acts in plain NumPy.

    Args:
        name: of a pretrained policy, such as "prostate/ppo", or the folder of any saved one.

    Raises:
        ValueError: there is none, or it is damaged.
    """
    folder, facts = _folder(name), about(name)
    from safetensors import SafetensorError
    from safetensors.numpy import load as parse

    try:
        content = (folder / ARRAYS).read_bytes()
        expected = facts["sha256"]
        if (found := hashlib.sha256(content).hexdigest()) != expected:
            raise ValueError(f"{folder / ARRAYS} must have SHA-256 {expected}, got {found}")
        return TrainedPolicy.of_parts(facts["policy"], parse(content))
    except (OSError, KeyError, TypeError, SafetensorError) as error:
        raise ValueError(f"the policy in {folder} cannot be read: {type(error).__name__}: {error}") from error


def to_files(policy: TrainedPolicy, facts: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the files of a policy to save, by name; `facts` is added to what they say of it."""
    from safetensors.numpy import save

    shape, arrays = policy.parts()
    content = save({name: _smallest(array) for name, array in arrays.items()})
    whole = {"policy": shape, "sha256": hashlib.sha256(content).hexdigest(), **facts}
    return {ARRAYS: content, ABOUT: (json.dumps(whole, indent=2) + "\n").encode()}


def _folder(name: str | Path) -> Path:
    folder = PRETRAINED / name if str(name) in pretrained() else Path(name)
    if not (folder / ABOUT).is_file():
        raise ValueError(f"policy must be one of {pretrained()} or a folder with {ABOUT}, got {str(name)!r}")
    return folder


def _smallest(array: FloatArray) -> FloatArray:
    """The array in 32 bits where nothing is lost by it, as with everything that torch learned."""
    small = np.ascontiguousarray(array, dtype=np.float32)
    return small if np.array_equal(small, array) else np.ascontiguousarray(array)
