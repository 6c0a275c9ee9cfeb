"""A scenario as the constant arrays that the kernels read. A mechanism that is off is off here, not in the kernels."""

from __future__ import annotations

import math

import numpy as np

from metaenv.diseases.disease import Disease, Organ, Trait
from metaenv.drugs import Drug
from metaenv.dynamics.state import DRUG, ORGAN, SETTINGS, Biology, BoolArray, FloatArray, IntArray, RecordArray, filled
from metaenv.scenario.scenario import Scenario

_LOCAL_THERAPY = (
    "radiation_alpha",
    "radiation_beta",
    "oxygen_enhancement",
    "fraction_dose",
    "fractions",
    "margin_risk",
    "margin_share",
)
MODULATIONS = ("pump_inhibition", "normalisation", "pruning", "antiangiogenic", "waking_shift")


def clones(disease: Disease) -> int:
    """Number of clones: every set of traits."""
    return 1 << len(disease.traits)


def carried(disease: Disease) -> IntArray:
    """Which clone carries which trait, (clone, trait) 0 or 1."""
    index = np.arange(clones(disease))[:, None]
    return (index >> np.arange(len(disease.traits))[None, :]) & 1


def arising(scenario: Scenario, trait: Trait) -> bool:
    """Whether a trait exists at the start and by mutation: its own mechanism and heterogeneity are on."""
    return scenario.on(trait.mechanism) and scenario.on("heterogeneity")


def vigour_spread(scenario: Scenario) -> float:
    """Standard deviation of ln of the births of a patient's lesions."""
    return scenario.disease.rates.vigour_spread if scenario.on("heterogeneity") else 0.0


def build_biology(scenario: Scenario) -> Biology:
    """The constants of a scenario for the kernels."""
    disease = scenario.disease
    potency, pump, level, levels = _resistance(scenario)
    hill = np.array([drug.hill for drug in scenario.drugs])
    mutation = _mutation(scenario)
    presses, pressed = _competition(disease)
    return Biology(
        settings=_settings(scenario),
        organs=_organs(scenario),
        drugs=filled(DRUG, *(_drug(scenario, drug) for drug in scenario.drugs)),
        delivery=np.array([[_delivery(scenario, organ, drug) for drug in scenario.drugs] for organ in disease.organs]),
        potency=potency,
        pump=pump,
        pumped=pump ** hill[:, None],
        level=level,
        levels=levels,
        target=_targets(scenario.drugs),
        presses=presses,
        pressed=pressed,
        mutation=mutation,
        mutating=mutation.sum(axis=1),
        reversion=_reversion(scenario),
        fitness=_fitness(disease),
        toxicity=_toxicity(scenario),
        recovery=np.array([kind.recovery for kind in disease.toxicities], dtype=np.float64),
    )


def _settings(scenario: Scenario) -> RecordArray:
    disease, rates, host = scenario.disease, scenario.disease.rates, scenario.disease.host
    values = {
        "substep": scenario.substep,
        "host_step": scenario.host_step,
        "stochastic": scenario.stochastic,
        "gompertz": rates.gompertz,
        "hypoxic_share": rates.hypoxic_share if scenario.on("hypoxia") else 0.0,
        "hypoxic_size": rates.hypoxic_size,
        "bulk_size": rates.bulk_size,
        "immune_size": rates.immune_size,
        "immune_recovery": math.log(2.0) / rates.immune_half_life,
        "stress_entry": rates.stress_entry * scenario.on("dormancy"),
        "hypoxic_entry": rates.hypoxic_entry * scenario.on("dormancy"),
        "immune_entry": rates.immune_entry * scenario.on("dormancy"),
        "dormant_death": rates.dormant_death,
        "seed_death": rates.seed_death,
        "wound_waking": rates.wound_waking,
        "wound_days": rates.wound_days,
        "switch_trait": _switch_trait(scenario),
        "vigour_spread": vigour_spread(scenario),
        "other_hazard": host.other_hazard,
        "ageing": host.ageing,
        "lethal_burden": host.lethal_burden,
        "lethal_hazard": host.lethal_hazard,
        "lethal_exponent": host.lethal_exponent,
        "sepsis_level": host.sepsis_level,
        "sepsis_hazard": host.sepsis_hazard,
        "toxic_hazard": host.toxic_hazard,
        "dosing_neutrophils": host.dosing_neutrophils,
        "postponement": host.postponement,
        "capacity_spread": _capacity_spread(disease),
        "filter_strength": rates.filter_strength,
    }
    return filled(SETTINGS, values | _local_therapy(disease))


def _local_therapy(disease: Disease) -> dict[str, float]:
    """What radiotherapy and surgery do to a lesion; nothing reads it where neither is offered."""
    local = disease.local_therapy
    return {name: 0.0 if local is None else getattr(local, name) for name in _LOCAL_THERAPY}


def _capacity_spread(disease: Disease) -> float:
    """Standard deviation of log10 of the avascular capacity: that of the micrometastases at the start."""
    middle, above = disease.presentation.avascular_log_capacity.quantile(np.array([0.5, 0.8413447461]))
    return float(above - middle)


def _organs(scenario: Scenario) -> RecordArray:
    total = sum(organ.tropism for organ in scenario.disease.organs)
    rows = [
        {
            "soil": organ.soil if scenario.on("heterogeneity") else 1.0,
            "tropism": organ.tropism / total,
            "weight": organ.weight,
            "capacity": organ.capacity,
            "dormant": organ.dormant_share if scenario.on("dormancy") else 0.0,
            "operable": organ.operable,
        }
        for organ in scenario.disease.organs
    ]
    return filled(ORGAN, *rows)


def _delivery(scenario: Scenario, organ: Organ, drug: Drug) -> float:
    return drug.sanctuary.get(organ.name, organ.delivery) if scenario.on("stroma") else 1.0


def _drug(scenario: Scenario, drug: Drug) -> dict[str, float]:
    tissue = drug.tissue_half_life > 0.0
    values = {
        "infusion": drug.infusion,
        "cycle": drug.cycle,
        "most_cycles": float(drug.most_cycles),
        "maintenance": drug.maintenance,
        "intake": drug.elimination,
        "outflow": drug.outflow,
        "inflow": math.log(2.0) / drug.tissue_half_life if tissue else 0.0,
        "site": 1 if tissue and drug.outflow == 0.0 else 0,
        "hill": drug.hill,
        "division": drug.division_share,
        "cytostatic": drug.cytostatic_share,
        "dormant_kill": drug.dormant_kill,
        "hypoxic_kill": drug.hypoxic_kill,
        "bulk_delivery": drug.bulk_delivery if scenario.on("stroma") else 1.0,
        "persistence": drug.persistence if scenario.on("dormancy") else 0.0,
        "induction": drug.induction if scenario.on("efflux") else 0.0,
        "immune_shift": drug.immune_shift,
        "potency": drug.ec50**drug.hill,
        "pump_inhibition": drug.pump_inhibition if scenario.on("efflux") else 0.0,
        "normalisation": drug.normalisation if scenario.on("stroma") else 0.0,
        "pruning": drug.pruning if scenario.on("stroma") else 0.0,
        "antiangiogenic": drug.antiangiogenic,
        "waking_shift": drug.waking_shift,
    }
    return values | {"modulator": any(values[name] != 0.0 for name in MODULATIONS)}


def _toxicity(scenario: Scenario) -> FloatArray:
    """Score per day at average concentration 1, (drug, kind)."""
    kinds = [kind.name for kind in scenario.disease.toxicities]
    rates = np.zeros((len(scenario.drugs), len(kinds)))
    for k, drug in enumerate(scenario.drugs):
        rates[k] = [drug.toxicity.get(kind, 0.0) for kind in kinds]
    return rates


def _resistance(scenario: Scenario) -> tuple[FloatArray, FloatArray, IntArray, IntArray]:
    """Resistance levels: (drug, level) potency and pump, (drug, clone) level, (drug,) number of levels."""
    disease = scenario.disease
    carries, count = carried(disease), clones(disease)
    potency, pump = np.ones((len(scenario.drugs), count)), np.ones((len(scenario.drugs), count))
    level = np.zeros((len(scenario.drugs), count), dtype=np.int64)
    levels = np.zeros(len(scenario.drugs), dtype=np.int64)
    for d, drug in enumerate(scenario.drugs):
        efflux = np.array([drug.pump_fold if trait.mechanism == "efflux" else 1.0 for trait in disease.traits])
        fold = np.array([drug.fold.get(t.name, 1.0) if t.mechanism != "efflux" else 1.0 for t in disease.traits])
        kinds = [np.where(carries == 1, table, 1.0).prod(axis=1) for table in (efflux, fold)]  # (clone,) each
        distinct, inverse = np.unique(np.column_stack(kinds), axis=0, return_inverse=True)
        levels[d] = len(distinct)
        pump[d, : levels[d]] = distinct[:, 0]
        potency[d, : levels[d]] = (drug.ec50 * distinct[:, 1]) ** drug.hill
        level[d] = inverse.ravel()
    return potency, pump, level, levels


def _competition(disease: Disease) -> tuple[BoolArray, IntArray]:
    """Cells without any target or bypass trait press on those with one by a patient's competition, all others by 1.

    Returns:
        (clone,) whether its cells press so, (clone,) 1 where they are pressed so.
    """
    fixed = [t for t, trait in enumerate(disease.traits) if trait.mechanism != "efflux"]
    resistant: BoolArray = np.asarray(carried(disease)[:, fixed].any(axis=1), dtype=np.bool_)
    return ~resistant, resistant.astype(np.int64)


def _targets(drugs: tuple[Drug, ...]) -> IntArray:
    """Number of the target of each drug that another drug on offer shares, else -1, (drug,)."""
    names = [drug.target for drug in drugs]
    shared = sorted({name for name in names if name and names.count(name) > 1})
    return np.array([shared.index(name) if name in shared else -1 for name in names], dtype=np.int64)


def _mutation(scenario: Scenario) -> FloatArray:
    """Mutation rate of each clone to each trait that it does not carry, (clone, trait) /division."""
    rates = np.array([t.mutation_rate if arising(scenario, t) else 0.0 for t in scenario.disease.traits])
    return np.asarray((1 - carried(scenario.disease)) * rates[None, :], dtype=np.float64)


def _switch_trait(scenario: Scenario) -> int:
    """The trait that drugs induce, and that is lost again where it reverts; -1 if there is none."""
    pumps = [t for t, trait in enumerate(scenario.disease.traits) if trait.mechanism == "efflux"]
    if not pumps or not scenario.on("efflux"):
        return -1
    return max(pumps, key=lambda t: scenario.disease.traits[t].reversion > 0.0)


def _reversion(scenario: Scenario) -> FloatArray:
    trait = _switch_trait(scenario)
    rates = np.zeros(clones(scenario.disease))
    if trait >= 0:
        rates += carried(scenario.disease)[:, trait] * scenario.disease.traits[trait].reversion
    return rates


def _fitness(disease: Disease) -> FloatArray:
    """Birth rate of each clone relative to the sensitive one at the median cost."""
    kept = np.array(
        [1.0 - float(trait.cost.quantile(np.array([0.5]))[0]) for trait in disease.traits], dtype=np.float64
    )
    return np.asarray(np.where(carried(disease) == 1, kept[None, :], 1.0).prod(axis=1))
