"""What a drug is: kinetics, effect on the tumour, harm to the patient."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from metaenv.field_checks import check_kinds


@dataclass(frozen=True, kw_only=True)
class Drug:
    """A drug by its pharmacology. Concentrations are fractions of the average steady state at full dose.

    Raises:
        ValueError: a number lies outside its range; the message says what, got and allowed.
    """

    name: str
    infusion: bool  # pulses every `cycle` days, else taken daily
    cycle: float = 1.0  # days between infusions
    most_cycles: int = 0  # infusions that one patient gets; 0 = no limit
    maintenance: float = 0.0  # dose that may be given beyond them, of full dose
    target: str = ""  # what it binds: drugs of one target share its occupancy; "" = shared with none
    half_life: float  # days, plasma; 0 = concentration follows the dose at once
    outflow: float = 0.0  # /day, plasma to tissue; 0 = the tissue is an effect site without mass
    tissue_half_life: float = 0.0  # days, equilibration of the tissue that the tumour sees; 0 = it sees plasma
    clearance_spread: float = 0.0  # sd of ln between patients
    hill: float  # exponent of the effect
    ec50: float  # concentration of half effect on sensitive cells
    kill: float  # /day, kill rate of sensitive dividing cells at full effect, before the cytostatic share is taken off
    sensitivity_spread: float = 0.0  # sd of ln of `kill` between patients
    division_share: float = 0.0  # share of the kill that needs division: 1 = Norton-Simon, 0 = log-kill
    cytostatic_share: float = 0.0  # share of the effect that lowers births instead of killing
    dormant_kill: float = 0.0  # kill of dormant cells relative to dividing ones
    hypoxic_kill: float = 1.0  # kill of hypoxic cells relative to normoxic ones
    bulk_delivery: float = 1.0  # concentration in a very bulky lesion relative to a small one
    sanctuary: Mapping[str, float] = field(default_factory=dict)  # organ -> concentration relative to plasma
    pump_fold: float = 1.0  # factor by which efflux lowers the intracellular concentration; 1 = no substrate
    fold: Mapping[str, float] = field(default_factory=dict)  # trait -> factor on EC50
    persistence: float = 0.0  # /day at full effect, drug-induced entry into dormancy
    induction: float = 0.0  # /day at full effect, drug-induced switch to the efflux phenotype
    marrow_slope: float = 0.0  # Friberg slope per unit concentration
    marrow_spread: float = 0.0  # sd of ln between patients
    immune_shift: float = 0.0  # change of the immune set point per unit concentration
    pump_inhibition: float = 0.0  # share of all efflux that is blocked at full effect
    normalisation: float = 0.0  # gain of delivery into every lesion at full effect, from vessels put in order
    pruning: float = 0.0  # loss of that delivery at full effect of the tissue concentration, from vessels lost
    antiangiogenic: float = 0.0  # share of vessel growth and of the angiogenic switch that is blocked at full effect
    waking_shift: float = 0.0  # change of all waking at full effect, as a share of it: -1 = none wakes, 1 = twice
    toxicity: Mapping[str, float] = field(default_factory=dict)  # kind -> score per day at average concentration 1
    disutility: float = 0.0  # quality of life lost while full dose is given, 0..1

    def __post_init__(self) -> None:
        """Check every number against its range."""
        check_kinds(self)
        for name in ("hill", "ec50", "kill", "cycle", "pump_fold"):
            self._check(name, getattr(self, name), 0.0, math.inf, strict=True)
        for name in (
            "half_life",
            "outflow",
            "tissue_half_life",
            "clearance_spread",
            "sensitivity_spread",
            "persistence",
            "induction",
            "marrow_slope",
            "marrow_spread",
            "normalisation",
            "dormant_kill",
            "most_cycles",
        ):
            self._check(name, getattr(self, name), 0.0, math.inf)
        for name in (
            "division_share",
            "cytostatic_share",
            "hypoxic_kill",
            "bulk_delivery",
            "disutility",
            "maintenance",
            "pump_inhibition",
            "pruning",
            "antiangiogenic",
        ):
            self._check(name, getattr(self, name), 0.0, 1.0)
        self._check("waking_shift", self.waking_shift, -1.0, math.inf)
        if self.infusion and self.half_life <= 0.0:
            raise ValueError(f"half_life of an infusion must be > 0, got {self.half_life} in drug {self.name!r}")
        if self.most_cycles > 0 and not self.infusion:
            raise ValueError(
                f"most_cycles must be 0 where there are no infusions, got {self.most_cycles} in drug {self.name!r}"
            )
        for label, table in (("sanctuary", self.sanctuary), ("fold", self.fold), ("toxicity", self.toxicity)):
            for key, value in table.items():
                self._check(f"{label}[{key!r}]", value, 0.0, math.inf)

    def _check(self, what: str, value: float, low: float, high: float, strict: bool = False) -> None:
        if not (low < value if strict else low <= value) or value > high or not math.isfinite(value):
            allowed = f"> {low:g}" if strict else f"in [{low:g}, {high:g}]" if high < math.inf else f">= {low:g}"
            raise ValueError(f"{what} must be {allowed}, got {value} in drug {self.name!r}")

    @property
    def elimination(self) -> float:
        """Elimination rate of the typical patient, /day; 0 = instantaneous."""
        return math.log(2.0) / self.half_life if self.half_life > 0.0 else 0.0
