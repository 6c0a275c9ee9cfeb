"""Other numbers by their paths: `vary(scenario, {"rates.birth.median": 0.05, "host.lethal_burden": 2e11})`.

A path leads from the disease (or, with "drugs" first, from the drugs on offer) to one number or one distribution:
fields by their name; organs, traits, toxicities and drugs by theirs; entries of a drug's tables by their key. So
"traits.AR-V7.log_fraction.second.mean", "organs.brain.tropism", "drugs.erlotinib.fold.T790M",
"presentation.micrometastases".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from numbers import Integral, Real
from typing import Any

from metaenv.distribution import Distribution
from metaenv.drugs import Drug
from metaenv.scenario.scenario import OF_THE_DISEASE, Scenario

_KINDS: dict[str, type] = {"float": Real, "int": Integral}  # of a field so declared
_WIDE: tuple[type, ...] = (bool, Real, Distribution, Mapping)  # of what stands there, else its own type
_SAID: dict[type, str] = {Real: "number", Integral: "whole number"}


def vary(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """The scenario with other numbers or distributions of its disease and drugs.

    Args:
        scenario: left as it is.
        changes: path -> new value, see the module.

    Raises:
        ValueError: a path leads nowhere, or the new value is not allowed there.
    """
    for path, value in changes.items():
        first, *rest = _split(path)
        if first == "drugs":
            drugs = _changed(scenario, [first, *rest], value, path).drugs
            disease = replace(scenario.disease, drugs=_same_drugs(scenario.disease.drugs, drugs))
            scenario = replace(scenario, disease=disease, drugs=drugs)
        else:
            scenario = replace(scenario, disease=_changed(scenario.disease, [first, *rest], value, path))
    return scenario


def value_at(scenario: Scenario, path: str) -> Any:
    """What stands at a path, see the module.

    Raises:
        ValueError: the path leads nowhere.
    """
    first, *rest = _split(path)
    node: Any = scenario if first == "drugs" else scenario.disease
    for part in [first, *rest]:
        node = _child(node, part, path)
    return node


def paths_like(scenario: Scenario, pattern: str) -> tuple[str, ...]:
    """Every path of a scenario that a pattern names, in which "*" stands for any one name.

    "traits.*.cost" gives one path per trait, "organs.brain.tropism" none where the disease has no brain.
    """
    first, *rest = _split(pattern)
    node: Any = scenario if first == "drugs" else scenario.disease
    found: list[tuple[str, Any]] = [("", node)]
    for part in [first, *rest]:
        found = [
            (f"{path}.{name}" if path else name, child)
            for path, node in found
            for name, child in _children(node).items()
            if part in ("*", name)
        ]
    return tuple(path for path, _ in found)


def _split(path: str) -> list[str]:
    parts = path.split(".")
    if parts[0] != "drugs" and parts[0] in (*OF_THE_DISEASE, "reward"):  # a scenario has its own
        raise ValueError(f"path must lead into the disease, got {path!r}: replace that field of the scenario")
    return parts


def _changed(node: Any, parts: list[str], value: Any, path: str) -> Any:
    if not parts:
        return value
    child = _child(node, parts[0], path)
    if len(parts) == 1:
        _check_kind(node, parts[0], value, path)
    new = _changed(child, parts[1:], value, path)
    if isinstance(node, tuple):
        return tuple(new if item.name == parts[0] else item for item in node)
    if isinstance(node, Mapping):
        return {**node, parts[0]: new}
    return replace(node, **{parts[0]: new})


def _check_kind(parent: Any, name: str, value: Any, path: str) -> None:
    """Raise where a number, a distribution or a part would be replaced by something of another kind."""
    old = _child(parent, name, path)
    names = [field.name for field in fields(old)] if is_dataclass(old) else []
    declared = {field.name: str(field.type) for field in fields(parent)}.get(name, "") if is_dataclass(parent) else ""
    if declared.endswith("None") and (value is None or old is None):
        return
    if isinstance(old, Distribution) and not isinstance(value, Distribution):
        raise ValueError(
            f"path {path!r} leads to a distribution: name one of {names} or give a distribution, got {value!r}"
        )
    kind = _KINDS.get(declared) or next(wide for wide in (*_WIDE, type(old)) if isinstance(old, wide))
    if not isinstance(value, kind) or isinstance(value, bool) != isinstance(old, bool):
        raise ValueError(f"path {path!r} must hold a {_SAID.get(kind, kind.__name__)}, got {value!r}")


def _children(node: Any) -> dict[str, Any]:
    if isinstance(node, tuple) and all(hasattr(item, "name") for item in node):
        return {item.name: item for item in node}
    if isinstance(node, Mapping):
        return dict(node)
    if is_dataclass(node):
        return {field.name: getattr(node, field.name) for field in fields(node)}
    return {}


def _child(node: Any, name: str, path: str) -> Any:
    children = _children(node)
    if name not in children:
        raise ValueError(f"path {path!r} leads nowhere at {name!r}; known: {sorted(children)}")
    return children[name]


def _same_drugs(old: tuple[Drug, ...], new: tuple[Drug, ...]) -> tuple[Drug, ...]:
    """The disease's own drugs, those that were varied taken from the scenario."""
    varied = {drug.name: drug for drug in new}
    return tuple(varied.get(drug.name, drug) for drug in old)
