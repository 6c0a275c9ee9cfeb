"""The arrays of the dynamics: what changes (`State`), who the patients are (`Patients`), what all share (`Biology`).

Axes are (patient, lesion, clone), (patient, organ, clone), (patient, drug). Quantities without an axis of their own
stand in record arrays, one record per patient, organ or drug. Units: day, cell, mm, 1e9/L.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]
RecordArray: TypeAlias = Any  # a structured array; its fields are listed in the dtypes below

DAYS_PER_YEAR = 365.25
CAUSES = ("alive", "cancer", "neutropenic_sepsis", "cumulative_toxicity", "procedure", "other_causes")
ALIVE, CANCER, NEUTROPENIC_SEPSIS, CUMULATIVE_TOXICITY, PROCEDURE_DEATH, OTHER_CAUSES = range(6)
TRANSITS = 5  # Friberg chain: proliferating, three transit, circulating
CIRCULATING = TRANSITS - 1  # the last of the chain: what blood shows

HOST = np.dtype(
    [
        ("day", "f8"),  # days since the start
        ("tick", "i8"),  # the day in 1/65536; part of every random address
        ("cause", "i8"),  # index in CAUSES
        ("hazard", "f8"),  # cumulative hazard of death; the patient dies where it passes an exponential threshold
        ("immunity", "f8"),  # relative effector level, 1 = untreated
        ("wound", "f8"),  # days of wound healing left after surgery
        ("overflow", "i8"),  # founders that found no free slot and joined another lesion
        ("founded", "i8"),  # lesions founded since the start
        ("septic", "f8"),  # days of the last sub-step with neutrophils below the sepsis level
        ("neutropenia", "f8"),  # days since the last visit with neutrophils below the sepsis level
    ]
)

COSTS = ("sepsis", "cumulative_toxicity", "procedure", "dose_limiting_days")
COST = np.dtype(  # what the patient has borne of harm by treatment since the last visit; no part of the state
    [
        ("total", "f8"),  # expected deaths: sepsis + cumulative toxicity + procedure
        ("sepsis", "f8"),  # hazard of neutropenic sepsis x days lived
        ("cumulative_toxicity", "f8"),  # hazard of cumulative toxicity x days lived
        ("procedure", "f8"),  # probability of dying of this visit's procedure
        ("dose_limiting_days", "f8"),  # days lived with a toxicity of score 1 or more
    ]
)


class State(NamedTuple):
    """Everything that the dynamics change. Restoring these arrays restores the patients exactly."""

    proliferating: FloatArray  # (patient, lesion, clone) cells; whole numbers when stochastic
    dormant: FloatArray  # (patient, lesion, clone) cells; whole numbers when stochastic
    organ: IntArray  # (patient, lesion) index of the organ, -1 = free slot
    capacity: FloatArray  # (patient, lesion) cells
    vascular: BoolArray  # (patient, lesion) past the angiogenic switch
    niche_open: BoolArray  # (patient, lesion) permissive niche
    lineage: IntArray  # (patient, lesion) which founder filled the slot: 0 at the start, then 1, 2, ...
    vigour: FloatArray  # (patient, lesion) factor on the growth of all its clones
    disseminated_cells: FloatArray  # (patient, organ, clone) single cells, dormant
    shedding: FloatArray  # (patient, clone) dividing cells dying per day, source of circulating tumour DNA
    concentration: FloatArray  # (patient, drug, 2) plasma and tissue; fraction of the average steady state at full dose
    due: FloatArray  # (patient, drug) day from which the next infusion may be given
    given: FloatArray  # (patient, drug) dose given since the last visit, in full-dose days
    cycles: FloatArray  # (patient, drug) infusions since the first visit
    refused: FloatArray  # (patient, drug) doses held by the clinic's rules since the last visit
    neutrophils: FloatArray  # (patient, 5) 1e9/L, Friberg chain
    toxicity: FloatArray  # (patient, kind) score, 1 = dose-limiting
    host: RecordArray  # (patient,) HOST


PERSON = np.dtype(
    [
        ("key", "i8"),  # 62-bit, of what chance does: a function of seed, episode and patient
        ("identity", "i8"),  # the patient's id
        ("instability", "f8"),  # factor on every mutation rate
        ("angiogenesis", "f8"),  # /day, kappa of dK/dt = kappa K (N/K)^2
        ("angiogenic_switch", "f8"),  # /day, of a full avascular lesion
        ("niche_opening", "f8"),  # /day
        ("seeding", "f8"),  # successful founders /cell/day
        ("dormancy_entry", "f8"),  # /day, basal proliferating -> dormant
        ("waking", "f8"),  # /day, dormant -> proliferating in an open niche with free capacity
        ("seed_waking", "f8"),  # /day, single disseminated cells
        ("immune_kill", "f8"),  # /day, of a small lesion at immunity 1
        ("baseline_neutrophils", "f8"),  # 1e9/L
        ("transit_rate", "f8"),  # /day, 4 / mean transit time
        ("feedback", "f8"),  # exponent of the Friberg feedback
        ("avascular_capacity", "f8"),  # cells, median of new micrometastases
        ("competition", "f8"),  # effect of a sensitive cell on one with a target or bypass trait
        ("age", "f8"),  # years, at the first visit
    ]
)


class Patients(NamedTuple):
    """Who the patients are: parameters drawn once per episode."""

    birth: FloatArray  # (patient, clone) /day, without crowding
    death: FloatArray  # (patient, clone) /day
    kill: FloatArray  # (patient, drug) /day, maximal kill rate of sensitive dividing cells
    elimination: FloatArray  # (patient, drug) /day; 0 = the concentration follows the dose at once
    marrow: FloatArray  # (patient, drug) loss of neutrophil precursors per unit concentration (Friberg slope)
    person: RecordArray  # (patient,) PERSON


ORGAN = np.dtype(
    [
        ("soil", "f8"),  # factor on births
        ("tropism", "f8"),  # share of founders that land here
        ("weight", "f8"),  # weight of a cell in the hazard of death
        ("capacity", "f8"),  # cells, most that a vascular lesion's supply can reach
        ("dormant", "f8"),  # share of founders that land dormant
        ("operable", "?"),  # lesions can be resected
    ]
)

DRUG = np.dtype(
    [
        ("infusion", "?"),  # pulses on cycle days, else continuous intake
        ("cycle", "f8"),  # days between infusions
        ("most_cycles", "f8"),  # infusions that one patient gets, 0 = no limit
        ("maintenance", "f8"),  # dose that may be given beyond them, of full dose
        ("intake", "f8"),  # /day, elimination of the typical patient: steady state at full dose is 1
        ("outflow", "f8"),  # /day, plasma -> tissue (0: the tissue is an effect site without mass)
        ("inflow", "f8"),  # /day, tissue equilibration; 0 = no tissue compartment
        ("site", "i8"),  # what the tumour sees: 0 plasma, 1 tissue
        ("hill", "f8"),
        ("division", "f8"),  # share of the kill that needs division (1 = Norton-Simon, 0 = log-kill)
        ("cytostatic", "f8"),  # share of the effect that lowers births instead of killing
        ("dormant_kill", "f8"),  # kill of dormant cells relative to dividing ones
        ("hypoxic_kill", "f8"),  # kill of hypoxic cells relative to normoxic ones
        ("bulk_delivery", "f8"),  # delivery into a very bulky lesion relative to a small one
        ("persistence", "f8"),  # /day at full effect, drug-induced entry into dormancy
        ("induction", "f8"),  # /day at full effect, drug-induced switch to the efflux phenotype
        ("immune_shift", "f8"),  # change of the immune set point per unit concentration
        ("modulator", "?"),  # changes one of the next five, so its effect on the patient as a whole is evaluated
        ("potency", "f8"),  # EC50^hill of that effect
        ("pump_inhibition", "f8"),  # share of efflux blocked at full effect
        ("normalisation", "f8"),  # gain of delivery at full effect
        ("pruning", "f8"),  # loss of delivery at full effect of the tissue concentration
        ("antiangiogenic", "f8"),  # share of vessel growth blocked at full effect
        ("waking_shift", "f8"),  # change of waking at full effect, as a share of it
    ]
)

SETTINGS = np.dtype(
    [
        ("substep", "f8"),  # days, longest sub-step of the tumour
        ("host_step", "f8"),  # days, longest sub-step of the Friberg chain
        ("stochastic", "?"),
        ("gompertz", "?"),  # crowding -ln(x) instead of 1 - x, beside a turnover that never rests
        ("hypoxic_share", "f8"),  # hypoxic fraction of a very large lesion
        ("hypoxic_size", "f8"),  # cells at which half of that is reached
        ("bulk_size", "f8"),  # cells at which half of the delivery loss is reached
        ("immune_size", "f8"),  # cells at which surveillance has lost half its effect
        ("immune_recovery", "f8"),  # /day, return of immunity to its set point
        ("stress_entry", "f8"),  # /day, entry into dormancy of a completely crowded cell
        ("hypoxic_entry", "f8"),  # /day, entry into dormancy of a hypoxic cell
        ("immune_entry", "f8"),  # entry into dormancy per unit of immune kill rate
        ("dormant_death", "f8"),  # /day
        ("seed_death", "f8"),  # /day
        ("wound_waking", "f8"),  # factor on niche opening and angiogenic switch while a wound heals
        ("wound_days", "f8"),  # days
        ("switch_trait", "i8"),  # index of the trait that drugs induce, -1 = none
        ("lethal_burden", "f8"),  # weighted cells
        ("lethal_hazard", "f8"),  # /day at the lethal burden
        ("lethal_exponent", "f8"),
        ("sepsis_level", "f8"),  # 1e9/L neutrophils below which sepsis threatens
        ("sepsis_hazard", "f8"),  # /day below it
        ("toxic_hazard", "f8"),  # /day per unit of toxicity above 1
        ("dosing_neutrophils", "f8"),  # 1e9/L needed on the day of an infusion
        ("postponement", "f8"),  # days by which a held infusion is postponed
        ("vigour_spread", "f8"),  # sd of ln of the growth of lesions of one patient
        ("other_hazard", "f8"),  # /day at 60 years of age, of death from other causes
        ("ageing", "f8"),  # /year, growth of that hazard's logarithm with age
        ("capacity_spread", "f8"),  # sd of log10 of the avascular capacity
        ("filter_strength", "f8"),  # exponent of fitness in the evolutionary filter at seeding
        ("radiation_alpha", "f8"),  # /Gy
        ("radiation_beta", "f8"),  # /Gy^2
        ("oxygen_enhancement", "f8"),  # OER
        ("fraction_dose", "f8"),  # Gy
        ("fractions", "f8"),
        ("margin_risk", "f8"),  # probability that a resection leaves cells
        ("margin_share", "f8"),  # share of cells then left
    ]
)


class Biology(NamedTuple):
    """What all patients of a scenario share."""

    settings: RecordArray  # (1,) SETTINGS
    organs: RecordArray  # (organ,) ORGAN
    drugs: RecordArray  # (drug,) DRUG
    delivery: FloatArray  # (organ, drug) concentration in a small lesion relative to plasma
    potency: FloatArray  # (drug, level) (EC50 x fold)^hill of each resistance level, without its pump
    pump: FloatArray  # (drug, level) fold by which the level's pump lowers the concentration; 1 = none
    pumped: FloatArray  # (drug, level) pump^hill
    level: IntArray  # (drug, clone) resistance level
    levels: IntArray  # (drug,) number of levels
    target: IntArray  # (drug,) number of the target that it shares with other drugs on offer, -1 = none
    presses: BoolArray  # (clone,) its cells press on those of clones that are pressed by `competition`, not by 1
    pressed: IntArray  # (clone,) 1 where they are pressed so
    mutation: FloatArray  # (clone, trait) /division, 0 where the trait is already carried
    mutating: FloatArray  # (clone,) /division, sum over traits
    reversion: FloatArray  # (clone,) /day, loss of the reversible trait; 0 where not carried
    fitness: FloatArray  # (clone,) birth rate relative to the clone without traits
    toxicity: FloatArray  # (drug, kind) score per day at average concentration 1
    recovery: FloatArray  # (kind,) /day


class Scratch(NamedTuple):
    """Working memory of the kernels, one row per patient so that no loop allocates."""

    exposure: FloatArray  # (patient, drug, 3) concentration^hill at the quadrature nodes of the sub-step
    ahead: FloatArray  # (patient, drug, 2) plasma and tissue, as the marrow's own steps run ahead of the state
    mean: FloatArray  # (patient, drug) average plasma concentration of the sub-step
    tissue: FloatArray  # (patient, drug) tissue concentration in the middle of the sub-step
    modulation: FloatArray  # (patient, 4) factors on delivery, vessel growth, waking and efflux
    effect: FloatArray  # (patient, drug, clone) effect 0..1, average over the sub-step
    rates: FloatArray  # (patient, 7, clone) working rates of the lesion in hand
    divisions: FloatArray  # (patient, clone) expected divisions of the lesion in hand
    mutants: FloatArray  # (patient, clone) expected mutants of the lesion in hand
    fill: FloatArray  # (patient, 2) how full the lesion in hand is, for clones that are not pressed and that are
    free: FloatArray  # (patient, 2) what crowding leaves of their births
    cells: FloatArray  # (patient, clone) cells of the lesion in hand
    chain: FloatArray  # (patient, 3, 5) working memory of the neutrophil chain


class World(NamedTuple):
    """All that the dynamics read, and the state and working memory that they write."""

    state: State
    patients: Patients
    biology: Biology
    scratch: Scratch


def records(count: int, dtype: np.dtype[Any]) -> RecordArray:
    """Records of zeros whose fields read as attributes, compiled or not."""
    return np.zeros(count, dtype=dtype).view(np.recarray)


def filled(dtype: np.dtype[Any], *rows: Mapping[str, Any]) -> RecordArray:
    """Records with a value in every field, one for each of the mappings from field to value.

    Raises:
        ValueError: a field got no value, or a value has no field.
    """
    names = dtype.names or ()
    array = records(len(rows), dtype)
    for k, values in enumerate(rows):
        missing, unknown = [name for name in names if name not in values], sorted(values.keys() - set(names))
        if missing or unknown:
            raise ValueError(
                f"record {k} needs a value for each of {list(names)}; missing {missing}, unknown {unknown}"
            )
        array[k] = tuple(values[name] for name in names)
    return array


def allocate_state(patients: int, lesions: int, clones: int, organs: int, drugs: int, kinds: int) -> State:
    """An empty state for so many patients."""
    return State(
        proliferating=np.zeros((patients, lesions, clones)),
        dormant=np.zeros((patients, lesions, clones)),
        organ=np.full((patients, lesions), -1, dtype=np.int64),
        capacity=np.zeros((patients, lesions)),
        vascular=np.zeros((patients, lesions), dtype=np.bool_),
        niche_open=np.zeros((patients, lesions), dtype=np.bool_),
        lineage=np.zeros((patients, lesions), dtype=np.int64),
        vigour=np.ones((patients, lesions)),
        disseminated_cells=np.zeros((patients, organs, clones)),
        shedding=np.zeros((patients, clones)),
        concentration=np.zeros((patients, drugs, 2)),
        due=np.zeros((patients, drugs)),
        given=np.zeros((patients, drugs)),
        cycles=np.zeros((patients, drugs)),
        refused=np.zeros((patients, drugs)),
        neutrophils=np.zeros((patients, TRANSITS)),
        toxicity=np.zeros((patients, kinds)),
        host=records(patients, HOST),
    )


def allocate_scratch(patients: int, clones: int, drugs: int) -> Scratch:
    """Working memory for so many patients."""
    return Scratch(
        exposure=np.zeros((patients, drugs, 3)),
        ahead=np.zeros((patients, drugs, 2)),
        mean=np.zeros((patients, drugs)),
        tissue=np.zeros((patients, drugs)),
        modulation=np.ones((patients, 4)),
        effect=np.zeros((patients, drugs, clones)),
        rates=np.zeros((patients, 7, clones)),
        divisions=np.zeros((patients, clones)),
        mutants=np.zeros((patients, clones)),
        fill=np.zeros((patients, 2)),
        free=np.zeros((patients, 2)),
        cells=np.zeros((patients, clones)),
        chain=np.zeros((patients, 3, TRANSITS)),
    )
