"""Draws patients: parameters, lesions and cells of each, as a function of the patient's id alone."""

from __future__ import annotations

import numpy as np

from metaenv.distribution import Fixed, Normal, Uniform
from metaenv.drugs.drug import Drug
from metaenv.dynamics.compile import compiled
from metaenv.dynamics.state import (
    PERSON,
    FloatArray,
    IntArray,
    Patients,
    State,
    allocate_state,
    filled,
)
from metaenv.population.colonies import Colonies
from metaenv.population.draws import Block, DrawPlan, address_of, draws_of, exponents, uniform
from metaenv.population.lesions import (
    DRAWN_AGAIN,
    START,
    Lesions,
    Start,
    grow_lesions,
    place_lesions,
    scatter_disseminated_cells,
)
from metaenv.scenario.biology import arising, carried, clones
from metaenv.scenario.scenario import Scenario

_FIELDS = tuple(PERSON.fields or ())  # the first two are the key and the identity, the others are drawn
_ANGIOGENESIS, _TRANSIT, _NEUTROPHILS = map(_FIELDS.index, ("angiogenesis", "transit_rate", "baseline_neutrophils"))
_DRAWN_AS = {"baseline_neutrophils": "neutrophils", "transit_rate": "transit time"}  # else as the field is called
_AWAKE, _ASLEEP = address_of("awake"), address_of("asleep")
_NEEDS = {"seeding": "dissemination", "dormancy_entry": "dormancy", "immune_kill": "immune"}  # 0 without it


def draw_patients(
    scenario: Scenario, identities: IntArray, keys: IntArray, drawing: Drawing | None = None
) -> tuple[Patients, State]:
    """Parameters and starting state of patients.

    Args:
        scenario: what is simulated.
        identities: (patient,) ids, >= 0.
        keys: (patient,) what chance will do to them, see `metaenv.population.cohorts.chance_keys`.
        drawing: of this scenario, where one has been made already.

    Returns:
        Arrays with the patient axis in the order of `identities`.
    """
    drawing = Drawing(scenario) if drawing is None else drawing
    return drawing.draw(identities, keys)


class Drawing:
    """Draws patients of a scenario. What follows from the scenario alone is made once: it takes longer than a patient.

    A dozen small NumPy calls cost more than the visit that follows. So exponentials and powers of all draws are taken
    at once, by NumPy, whose last bit differs from a compiled function's; compiled functions do the rest.
    """

    def __init__(self, scenario: Scenario) -> None:
        disease, presentation, sleeping = scenario.disease, scenario.disease.presentation, scenario.on("dormancy")
        self._scenario, self._plan = scenario, DrawPlan(disease.name, [*_personal(scenario), *_at_the_start(scenario)])
        plan, drawn = self._plan, _FIELDS[2:]
        tropism = np.array([organ.tropism for organ in disease.organs])
        settings = {
            "birth_at": plan.start("birth"),
            "death_at": plan.start("death"),
            "visible_at": plan.start("visible lesions"),
            "micro_at": plan.start("micrometastases"),
            "organ_at": plan.start("organ"),
            "fill_at": plan.start("fill"),
            "niche_at": plan.start("niche"),
            "vigour_at": plan.start("vigour"),
            "mature": presentation.visible_fill is None,
            "median_birth": disease.rates.birth.quantile(np.array([0.5]))[0],
            "spreading": scenario.on("dissemination"),
            "heaviest": presentation.burden_ceiling * disease.host.lethal_burden,
            "open_share": presentation.open_niche_share if sleeping else 1.0,  # uniforms are below 1
            "resting": presentation.dormant_fraction * sleeping,
            "resting_closed": presentation.closed_dormant_fraction * sleeping,
            "whole": scenario.stochastic,
            "salt": plan.salt,
            "awake": _AWAKE,
            "asleep": _ASLEEP,
        }
        self._fixed = Start(
            settings=filled(START, settings),
            costs=plan.starts(f"cost {trait.name}" for trait in disease.traits),
            carries=carried(disease) == 1,
            columns=plan.starts(_DRAWN_AS.get(name, name.replace("_", " ")) for name in drawn),
            factors=np.array([1.0 if name not in _NEEDS or scenario.on(_NEEDS[name]) else 0.0 for name in drawn]),
            bounds=np.cumsum(tropism / tropism.sum())[:-1],
            weight=np.array([organ.weight for organ in disease.organs], dtype=np.float64),
            capacity=np.array([organ.capacity for organ in disease.organs], dtype=np.float64),
        )
        self._colonies = Colonies.of(scenario, plan)
        self._disseminated = np.zeros(0)
        if scenario.on("dissemination") and sleeping:
            self._disseminated = presentation.disseminated_cells * tropism / tropism.sum()

    def draw(self, identities: IntArray, keys: IntArray) -> tuple[Patients, State]:
        """See `draw_patients`."""
        values = self._plan.draw(identities)
        if self._colonies is not None:
            self._colonies.count_hidden(values)
        patients, numbers = self._parameters(values, identities, keys)
        return patients, self._start(values, identities, numbers[:, _NEUTROPHILS])

    def _parameters(self, values: FloatArray, identities: IntArray, keys: IntArray) -> tuple[Patients, FloatArray]:
        """The patients, and their persons as plain numbers, (patient, field)."""
        plan, drugs, size = self._plan, self._scenario.drugs, identities.size
        birth, death = np.empty((2, size, self._fixed.carries.shape[0]))
        numbers = np.empty((size, len(_FIELDS)))
        whole = numbers.view(np.int64)
        whole[:, 0], whole[:, 1] = keys, identities
        _live(self._fixed, values, birth, death, numbers)
        kill, elimination, marrow = (
            values[:, start : start + len(drugs)].copy()
            for start in (plan.start(f"{what} {drugs[0].name}") for what in ("sensitivity", "clearance", "marrow"))
        )
        person = numbers.view(PERSON).reshape(size).view(np.recarray)
        return Patients(birth, death, kill, elimination, marrow, person), numbers

    def _start(self, values: FloatArray, identities: IntArray, neutrophils: FloatArray) -> State:
        scenario, plan, disease = self._scenario, self._plan, self._scenario.disease
        size, slots = values.shape[0], disease.lesions
        state = allocate_state(
            size, slots, clones(disease), len(disease.organs), len(scenario.drugs), len(disease.toxicities)
        )
        powers = self._powers(values)
        cells, weighted = np.empty((2, size, slots))
        visible = np.empty((size, slots), dtype=np.bool_)
        lesions = Lesions(state.organ, visible, cells, state.capacity, state.vascular, state.niche_open, state.vigour)
        place_lesions(self._fixed, values, powers, lesions, weighted)
        borne = weighted.sum(axis=1)  # by NumPy, which adds in an order of its own
        grow_lesions(self._fixed, identities, values, powers, borne, lesions, state.proliferating, state.dormant)
        scatter_disseminated_cells(values, plan.start("seeds"), self._disseminated, state.disseminated_cells)
        state.neutrophils[:] = neutrophils[:, None]
        state.host["immunity"] = 1.0
        return state

    def _powers(self, values: FloatArray) -> FloatArray:
        """10 to the power of what is drawn as exponents, (patient, exponent), see `lesions`."""
        traits, slots = self._scenario.disease.traits, self._scenario.disease.lesions
        logs = values[:, self._plan.powers].copy()
        if self._colonies is not None:
            self._colonies.give_sizes(values, logs, slots)
        spreads = logs[:, 3 * slots + DRAWN_AGAIN :].reshape(-1, len(traits), slots)  # a view
        for t, trait in enumerate(traits):
            spreads[:, t] += values[:, self._plan.start(f"fraction {trait.name}"), None]
        return 10.0**logs


def _personal(scenario: Scenario) -> list[Block]:
    """Parameters of a patient."""
    disease, rates, host = scenario.disease, scenario.disease.rates, scenario.disease.host
    capacity = disease.presentation.avascular_log_capacity
    drawn = {
        "birth": rates.birth,
        "death": rates.death,
        "instability": disease.presentation.instability,
        "angiogenesis": rates.angiogenesis,
        "angiogenic switch": rates.angiogenic_switch,
        "niche opening": rates.niche_opening,
        "seeding": rates.seeding,
        "dormancy entry": rates.dormancy_entry,
        "waking": rates.waking,
        "seed waking": rates.seed_waking,
        "competition": rates.competition,
        "immune kill": rates.immune_kill,
        "neutrophils": host.baseline_neutrophils,
        "transit time": host.transit_time,
        "feedback": host.feedback,
        "age": host.age,
        "avascular capacity": Fixed(10.0 ** float(capacity.quantile(np.array([0.5]))[0])),
    } | {f"cost {trait.name}": trait.cost for trait in disease.traits}
    spread = {"sensitivity": "kill", "clearance": "elimination", "marrow": "marrow_slope"}
    return [draws_of(name, distribution) for name, distribution in drawn.items()] + [
        Block.skewed(
            f"{what} {drug.name}", getattr(drug, number), getattr(drug, f"{what}_spread"), stream=_stream(what, drug)
        )
        for what, number in spread.items()
        for drug in scenario.drugs
    ]


def _stream(what: str, drug: Drug) -> str:
    """Drugs of one target share their sensitivity: who lacks BIM answers little to any inhibitor of EGFR; Soh2017."""
    return f"sensitivity to {drug.target}" if what == "sensitivity" and drug.target else ""


def _at_the_start(scenario: Scenario) -> list[Block]:
    """Lesions, cells and clones at the start; exponents in the order in which `lesions` reads them."""
    disease, presentation, slots = scenario.disease, scenario.disease.presentation, scenario.disease.lesions
    colonies = presentation.colony_exponent is not None  # then uniforms, of which `Colonies` makes sizes and numbers
    visible, micro = presentation.visible_log_cells, presentation.micro_log_cells
    blocks = [
        exponents("visible size", Uniform(0.0, 1.0) if colonies else visible, slots),
        exponents("micro size", Uniform(0.0, 1.0) if colonies else micro, slots),
        exponents("capacity", presentation.avascular_log_capacity, slots),
        exponents("burden", Normal(0.0, presentation.burden_spread), DRAWN_AGAIN),
        draws_of("visible lesions", presentation.visible_lesions),
        draws_of("micrometastases", Uniform(0.0, 1.0) if colonies else presentation.micrometastases),
        draws_of("colony exponent", presentation.colony_exponent or Fixed(1.0)),
        draws_of("fill", presentation.visible_fill or Fixed(1.0), slots),
        Block.skewed(
            "vigour", 1.0, scenario.disease.rates.vigour_spread if scenario.on("heterogeneity") else 0.0, slots
        ),
        *(uniform(name, slots) for name in ("organ", "niche")),
        uniform("seeds", len(disease.organs)),
    ]
    for trait in disease.traits:
        arises = arising(scenario, trait)
        blocks.append(draws_of(f"fraction {trait.name}", trait.log_fraction if arises else Fixed(0.0)))
        spread = exponents(f"spread {trait.name}", Normal(0.0, trait.lesion_spread), slots)
        blocks.append(spread if arises else Block.nothing(spread))
    return blocks


@compiled
def _live(start: Start, values: FloatArray, birth: FloatArray, death: FloatArray, numbers: FloatArray) -> None:
    """Births and deaths of the clones, and the drawn fields of the person. Writes: birth, death, numbers."""
    settings, carries, columns = start.settings[0], start.carries, start.columns
    for i in range(values.shape[0]):
        # of death and of the supply's growth as well
        tempo = values[i, settings.birth_at] / settings.median_birth if settings.median_birth > 0.0 else 1.0
        for clone in range(carries.shape[0]):
            fitness = 1.0
            for trait in range(carries.shape[1]):
                if carries[clone, trait]:
                    fitness *= 1.0 - values[i, start.costs[trait]]
            birth[i, clone] = values[i, settings.birth_at] * fitness
            death[i, clone] = values[i, settings.death_at] * tempo
        for k in range(columns.size):
            numbers[i, 2 + k] = values[i, columns[k]] * start.factors[k]
        numbers[i, _ANGIOGENESIS] *= tempo
        numbers[i, _TRANSIT] = 4.0 / numbers[i, _TRANSIT]
