"""Whether a drug's traits, organs and toxicities exist in a disease: a typo raises, another disease's is logged."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from functools import cache

import gymnasium

from metaenv.diseases import DISEASES, Disease, find_disease
from metaenv.drugs import TOXICITIES, Drug
from metaenv.registration import ENTRY_POINT, NAMESPACE


def check_compatible(drug: Drug, disease: Disease) -> None:
    """Check the names of traits, organs and toxicities in a drug's tables against a disease.

    A name that only other diseases have is allowed, since a drug may be given outside of what it was made for; the log
    says once that it does nothing here.

    Raises:
        ValueError: a trait or organ is known to no disease, a toxicity is not one of this disease, or a fold stands on
            an efflux trait, on which `pump_fold` acts; the message lists what is known.
    """
    missing = sorted(set(drug.toxicity) - {toxicity.name for toxicity in disease.toxicities})
    if missing:
        known = [toxicity.name for toxicity in disease.toxicities]
        raise ValueError(
            f"toxicity of drug {drug.name!r} must name kinds of disease {disease.name!r}, which are {known}, got "
            f"{missing}; Scenario.with_drugs adds any of {list(TOXICITIES)}"
        )
    pumped = sorted(set(drug.fold) & {trait.name for trait in disease.traits if trait.mechanism == "efflux"})
    if pumped:
        raise ValueError(f"fold of drug {drug.name!r} does not act on efflux, got {pumped}: set pump_fold instead")
    _check_table("fold", "traits", drug, disease)
    _check_table("sanctuary", "organs", drug, disease)


def _check_table(table: str, parts: str, drug: Drug, disease: Disease) -> None:
    here = _names(disease, parts)
    foreign = sorted(set(getattr(drug, table)) - set(here))
    if not foreign:
        return
    elsewhere = {name for other in _known() for name in _names(other, parts)}
    unknown = sorted(set(foreign) - elsewhere)
    if unknown:
        raise ValueError(
            f"{table} of drug {drug.name!r} must name {parts} of disease {disease.name!r}, which are {here}, got "
            f"{unknown}; other diseases have {sorted(elsewhere - set(here))}"
        )
    _say_once(drug.name, disease.name, parts, tuple(foreign))


def _names(disease: Disease, parts: str) -> list[str]:
    return [part.name for part in getattr(disease, parts)]


def _known() -> Iterator[Disease]:
    """The diseases of the package and those registered by others, where they can be found now."""
    yield from DISEASES.values()
    for spec in list(gymnasium.registry.values()):
        if spec.entry_point == ENTRY_POINT and spec.namespace != NAMESPACE:
            try:
                yield find_disease(spec.kwargs.get("disease", "prostate"))
            except Exception as error:  # its module fails, or is only half imported: whoever makes it will be told
                logging.getLogger("metaenv").debug("disease of %r is not looked into: %s", spec.id, error)


@cache
def _say_once(drug: str, disease: str, parts: str, foreign: Iterable[str]) -> None:
    logging.getLogger("metaenv").warning(
        "metaenv: drug %r was made for other diseases: %r has no %s %s, so what it says of them does nothing",
        drug,
        disease,
        parts,
        ", ".join(foreign),
    )
