"""Every disease file is an environment: diseases/two_words.py is registered as metaenv/TwoWords-v1."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import gymnasium

if TYPE_CHECKING:
    from metaenv.diseases import Disease

VERSION = 1
NAMESPACE = "metaenv"
ENTRY_POINT, VECTOR_ENTRY_POINT = "metaenv.env:MetastasisEnv", "metaenv.vector:MetastasisVectorEnv"
_NAMES = tuple(
    path.stem
    for path in sorted((Path(__file__).parent / "diseases").glob("*.py"))
    if path.stem not in ("__init__", "disease")
)
REGISTERED = tuple(f"{NAMESPACE}/{name.title().replace('_', '')}-v{VERSION}" for name in _NAMES)


def register_all() -> None:
    """Register every disease, scalar and vector; the entry points are strings, so nothing heavy is imported."""
    for identifier, name in zip(REGISTERED, _NAMES, strict=True):
        if identifier not in gymnasium.registry:
            gymnasium.register(
                id=identifier,
                entry_point=ENTRY_POINT,
                vector_entry_point=VECTOR_ENTRY_POINT,
                kwargs={"disease": name},
            )


def register(identifier: str, *, disease: str | Disease, **arguments: Any) -> None:
    """Register an environment of one's own, single and vector, under one's own id.

    Args:
        identifier: "mine/Melanoma-v0"; `gymnasium.make("melanoma:mine/Melanoma-v0")` imports module `melanoma` first.
        disease: "module:NAME", found when an environment is made, so that other processes find it too and the spec is
            JSON; a name in `metaenv.DISEASES`; or a `metaenv.Disease`, which other processes know only by pickle.
        arguments: further arguments of `metaenv.MetastasisEnv` that the id stands for, such as `action="continuous"`.

    Raises:
        ValueError: the id is one of metaenv's own, or the disease is none of these.
        gymnasium.error.Error: the id has not the form of one.
    """
    name: Any = identifier
    if not isinstance(name, str) or name.startswith(f"{NAMESPACE}/"):
        raise ValueError(f"identifier must stand in a namespace of your own, such as 'mine/…-v0', got {identifier!r}")
    from metaenv.import_path import is_import_path  # `import metaenv` stays light

    if not is_import_path(disease):
        from metaenv.diseases import find_disease  # heavy

        find_disease(disease)
    given = {"disease": disease, **arguments}
    known = gymnasium.registry.get(identifier)
    if known is not None and (known.entry_point, known.kwargs) == (ENTRY_POINT, given):
        return  # a script's module is run once as "__main__" and once by its name
    gymnasium.register(id=identifier, entry_point=ENTRY_POINT, vector_entry_point=VECTOR_ENTRY_POINT, kwargs=given)
