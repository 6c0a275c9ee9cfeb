"""Every disease file is an environment: diseases/two_words.py is registered as metaenv/TwoWords-v0."""

from __future__ import annotations

from pathlib import Path

import gymnasium

VERSION = 0
_NAMES = tuple(
    path.stem
    for path in sorted((Path(__file__).parent / "diseases").glob("*.py"))
    if path.stem not in ("__init__", "disease")
)
REGISTERED = tuple(f"metaenv/{name.title().replace('_', '')}-v{VERSION}" for name in _NAMES)


def register_all() -> None:
    """Register every disease, scalar and vector; the entry points are strings, so nothing heavy is imported."""
    for identifier, name in zip(REGISTERED, _NAMES, strict=True):
        if identifier not in gymnasium.registry:
            gymnasium.register(
                id=identifier,
                entry_point="metaenv.env:MetastasisEnv",
                vector_entry_point="metaenv.vector:MetastasisVectorEnv",
                kwargs={"disease": name},
            )
