"""How a patient is drawn: parameters, lesions and cells as a function of the patient's id alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from zlib import crc32

import numpy as np

from metaenv.biology import arising, carried, clones
from metaenv.diseases.disease import Presentation
from metaenv.distribution import Distribution, LogNormal, Poisson, standard_normal
from metaenv.dynamics.compile import compiled
from metaenv.dynamics.random import PATIENT, mix, normal_quantile, uniforms
from metaenv.dynamics.state import (
    PERSON,
    BoolArray,
    FloatArray,
    IntArray,
    Patients,
    RecordArray,
    State,
    allocate_state,
    records,
)
from metaenv.scenario import Scenario

Made = TypeVar("Made")
DRAWN_AGAIN = 16  # draws of the whole burden before it is cut; fewer than 1 in 200 patients are, see test_patients.py
COHORTS = {"train": range(0, 100_000), "validation": range(100_000, 200_000), "test": range(200_000, 300_000)}


@compiled
def _keys(identities: IntArray, salt: int) -> IntArray:
    keys = np.empty(identities.size, dtype=np.int64)
    for i in range(identities.size):
        keys[i] = mix(identities[i], salt, 0)
    return keys


@compiled
def _uniforms(keys: IntArray, place: int, count: int) -> FloatArray:
    out = np.empty((keys.size, count))
    for i in range(keys.size):
        for k in range(count):
            out[i, k] = uniforms(keys[i], 0, place, PATIENT, k)[0]
    return out


@compiled
def _planned(identities: IntArray, salt: int, places: IntArray, counts: IntArray, out: FloatArray) -> None:
    """Everything that is drawn of some patients, (2, draw x patient): uniforms, and their normal deviates."""
    at = 0
    for p in range(places.size):
        for i in range(identities.size):
            key = mix(identities[i], salt, 0)
            for k in range(abs(counts[p])):
                u = uniforms(key, 0, places[p], PATIENT, k)[0]
                out[0, at] = u
                if counts[p] > 0:  # of the others only the uniform is wanted
                    out[1, at] = normal_quantile(u)
                at += 1


@compiled
def fates(seeds: IntArray, episodes: IntArray, identities: IntArray) -> IntArray:
    """62-bit keys of what chance does, from seed, episode and patient."""
    keys = np.empty(seeds.size, dtype=np.int64)
    for i in range(seeds.size):
        keys[i] = mix(seeds[i], episodes[i], identities[i] + 1)
    return keys


@compiled
def assigned(seeds: IntArray, episodes: IntArray, first: int, size: int) -> IntArray:
    """Ids of the patients that seeds and episodes draw from the cohort first .. first + size - 1."""
    identities = np.empty(seeds.size, dtype=np.int64)
    for i in range(seeds.size):
        identities[i] = first + mix(seeds[i], episodes[i], 0) % size
    return identities


class Plan:
    """What is drawn of every patient of a scenario, noted at the first draw so that later ones are one compiled call.

    It belongs to one scenario: what follows from the scenario alone is kept here as well.
    """

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}  # of uniforms by name
        self.normal: set[str] = set()  # names whose normal deviates are wanted
        self.skewed: dict[str, LogNormal] = {}
        self.ready = False
        self._kept: dict[str, Any] = {}

    def keep(self, name: str, make: Callable[[], Made]) -> Made:
        """A value that follows from the scenario alone, made once."""
        if name not in self._kept:
            self._kept[name] = make()
        made: Made = self._kept[name]
        return made

    def draw(self, identities: IntArray, salt: int) -> tuple[FloatArray, FloatArray]:
        """Uniforms and normal deviates of everything in the plan, (draw x patient,) each."""
        places, signed, total = self.keep("places", self._places)
        out = np.empty((2, total * identities.size))
        _planned(identities, salt, places, signed, out)
        return out[0], out[1]

    def _places(self) -> tuple[IntArray, IntArray, int]:
        places = np.array([crc32(name.encode()) for name in self.counts], dtype=np.int64)
        signed = [count if name in self.normal else -count for name, count in self.counts.items()]
        return places, np.array(signed, dtype=np.int64), sum(self.counts.values())

    def starts(self) -> dict[str, int]:
        """Where the draws of each name begin."""
        ends = np.cumsum(list(self.counts.values())).tolist()
        return dict(zip(self.counts, [0, *ends[:-1]], strict=True))


class Draws:
    """Uniforms of some patients, addressed by the name of what is drawn: a new parameter moves no other."""

    def __init__(self, identities: IntArray, disease: str, plan: Plan) -> None:
        self.size, self.plan = identities.size, plan
        salt = crc32(disease.encode())
        if plan.ready:
            self._starts = plan.keep("starts", plan.starts)
            self._uniforms, self._normals = plan.draw(identities, salt)
            self._values = self._of_skewed()
        else:
            self._keys = _keys(identities, salt)

    def _of_skewed(self) -> dict[str, FloatArray]:
        """Values of all log-normal parameters at once: a dozen small calls cost more than the visit that follows."""
        plan = self.plan
        if not plan.skewed:
            return {}
        medians = plan.keep("medians", lambda: np.array([[d.median] for d in plan.skewed.values()]))
        deviations = plan.keep("deviations", lambda: np.array([[d.deviation] for d in plan.skewed.values()]))
        normals = np.concatenate([self._block(self._normals, name, 1) for name in plan.skewed])
        values = medians * np.exp(deviations * normals.reshape(-1, self.size))
        return dict(zip(plan.skewed, values, strict=True))

    def _block(self, drawn: FloatArray, name: str, count: int) -> FloatArray:
        start = self._starts[name] * self.size
        return drawn[start : start + count * self.size]

    def uniform(self, name: str, count: int = 1) -> FloatArray:
        """Uniforms in (0, 1), (patient, count)."""
        if self.plan.ready:
            return self._block(self._uniforms, name, count).reshape(self.size, count)
        self.plan.counts[name] = count
        return _uniforms(self._keys, crc32(name.encode()), count)

    def normal(self, name: str, count: int = 1) -> FloatArray:
        """Standard normal deviates, (patient, count)."""
        if self.plan.ready:
            return self._block(self._normals, name, count).reshape(self.size, count)
        self.plan.normal.add(name)
        return standard_normal(self.uniform(name, count))

    def of(self, name: str, distribution: Distribution) -> FloatArray:
        """One value of a distribution for each patient, (patient,)."""
        if self.plan.ready and name in self._values:
            return self._values[name]
        if type(distribution) is LogNormal:
            self.plan.skewed[name] = distribution
            self.plan.normal.add(name)
        return distribution.quantile(self.uniform(name)[:, 0])


def draw_patients(
    scenario: Scenario, identities: IntArray, keys: IntArray, plan: Plan | None = None
) -> tuple[Patients, State]:
    """Parameters and starting state of patients.

    Args:
        scenario: what is simulated.
        identities: (patient,) ids, >= 0.
        keys: (patient,) what chance will do to them, see `fates`.
        plan: of this scenario, from an earlier draw; it makes this one quicker and changes nothing else.

    Returns:
        Arrays with the patient axis in the order of `identities`.
    """
    plan = Plan() if plan is None else plan
    draws = Draws(identities, scenario.disease.name, plan)
    patients = _parameters(scenario, draws, identities, keys)
    state = _start(scenario, draws, patients)
    plan.ready = True
    return patients, state


def _parameters(scenario: Scenario, draws: Draws, identities: IntArray, keys: IntArray) -> Patients:
    disease, rates = scenario.disease, scenario.disease.rates
    kept = np.ones((draws.size, len(disease.traits)))
    for t, trait in enumerate(disease.traits):
        kept[:, t] -= draws.of(f"cost {trait.name}", trait.cost)
    carries = draws.plan.keep("carries", lambda: carried(disease) == 1)
    fitness = np.where(carries[None], kept[:, None, :], 1.0).prod(axis=2)
    birth = draws.of("birth", rates.birth)
    middle = draws.plan.keep("middle", lambda: float(rates.birth.quantile(np.array([0.5]))[0]))
    tempo = birth / middle if middle > 0.0 else np.ones(draws.size)  # of death and of the supply's growth as well
    death = draws.of("death", rates.death) * tempo
    persons = _persons(scenario, draws, identities, keys)
    persons["angiogenesis"] *= tempo
    drugs = scenario.drugs
    spread = {name: _spread(draws, scenario, name) for name in ("sensitivity", "clearance", "marrow")}
    return Patients(
        birth=birth[:, None] * fitness,
        death=np.repeat(death[:, None], fitness.shape[1], axis=1),
        kill=np.array([drug.kill for drug in drugs]) * spread["sensitivity"],
        elimination=np.array([drug.elimination for drug in drugs]) * spread["clearance"],
        marrow=np.array([drug.marrow_slope for drug in drugs]) * spread["marrow"],
        person=persons,
    )


def _spread(draws: Draws, scenario: Scenario, what: str) -> FloatArray:
    """Log-normal factor on a drug's number, (patient, drug)."""
    spreads = draws.plan.keep(what, lambda: np.array([getattr(drug, f"{what}_spread") for drug in scenario.drugs]))
    normals = np.concatenate([draws.normal(f"{what} {drug.name}") for drug in scenario.drugs], axis=1)
    return np.asarray(np.exp(spreads * normals))


def _persons(scenario: Scenario, draws: Draws, identities: IntArray, keys: IntArray) -> RecordArray:
    disease, rates, host = scenario.disease, scenario.disease.rates, scenario.disease.host
    person = records(draws.size, PERSON)
    person["key"], person["identity"] = keys, identities
    spreading, sleeping = scenario.on("dissemination"), scenario.on("dormancy")
    person["instability"] = draws.of("instability", disease.presentation.instability)
    person["angiogenesis"] = draws.of("angiogenesis", rates.angiogenesis)
    person["angiogenic_switch"] = draws.of("angiogenic switch", rates.angiogenic_switch)
    person["niche_opening"] = draws.of("niche opening", rates.niche_opening)
    person["seeding"] = draws.of("seeding", rates.seeding) * spreading
    person["dormancy_entry"] = draws.of("dormancy entry", rates.dormancy_entry) * sleeping
    person["waking"] = draws.of("waking", rates.waking)
    person["seed_waking"] = draws.of("seed waking", rates.seed_waking)
    person["immune_kill"] = draws.of("immune kill", rates.immune_kill) * scenario.on("immune")
    person["baseline_neutrophils"] = draws.of("neutrophils", host.baseline_neutrophils)
    person["transit_rate"] = 4.0 / draws.of("transit time", host.transit_time)
    person["feedback"] = draws.of("feedback", host.feedback)
    capacity = disease.presentation.avascular_log_capacity
    person["avascular_capacity"] = draws.plan.keep(
        "median capacity", lambda: 10.0 ** float(capacity.quantile(np.array([0.5]))[0])
    )
    return person


def _start(scenario: Scenario, draws: Draws, patients: Patients) -> State:
    disease = scenario.disease
    state = allocate_state(
        draws.size, disease.lesions, clones(disease), len(disease.organs), len(scenario.drugs), len(disease.toxicities)
    )
    _place_lesions(scenario, draws, state)
    if scenario.on("dissemination") and scenario.on("dormancy"):
        _scatter_seeds(scenario, draws, state)
    state.neutrophils[:] = patients.person["baseline_neutrophils"][:, None]
    state.host["immunity"] = 1.0
    return state


def _place_lesions(scenario: Scenario, draws: Draws, state: State) -> None:
    """Write organs, capacities, vessels, niches and cells of the lesions at the start."""
    disease, presentation = scenario.disease, scenario.disease.presentation
    slots = disease.lesions
    visible, present = _counts(scenario, draws)
    log_cells = np.where(
        visible,
        presentation.visible_log_cells.quantile(draws.uniform("visible size", slots)),
        presentation.micro_log_cells.quantile(draws.uniform("micro size", slots)),
    )
    bounds, weight = draws.plan.keep("organs", lambda: _organs(scenario))
    organ = np.searchsorted(bounds, draws.uniform("organ", slots))
    state.organ[:] = np.where(present, organ, -1)
    cells = np.where(present, 10.0**log_cells, 0.0)
    borne = (cells * weight[organ] * visible).sum(axis=1)
    cells = np.where(visible, cells * _heavier(scenario, draws, borne)[:, None], cells)
    fill = presentation.visible_fill.quantile(draws.uniform("fill", slots))
    avascular = 10.0 ** presentation.avascular_log_capacity.quantile(draws.uniform("capacity", slots))
    grown = visible | (cells > avascular * 0.9)  # a micrometastasis larger than its supply has switched already
    state.capacity[:] = np.where(present, np.where(grown, cells / fill, avascular), 0.0)
    state.vascular[:] = present & grown
    opened = draws.uniform("niche", slots) < presentation.open_niche_share
    state.niche_open[:] = present & (grown | opened | (not scenario.on("dormancy")))
    _fill_with_clones(scenario, draws, state, cells, presentation)


def _organs(scenario: Scenario) -> tuple[FloatArray, FloatArray]:
    """Bounds of the uniform that chooses an organ by tropism, and (organ,) weight of a cell in it."""
    organs = scenario.disease.organs
    tropism = np.array([organ.tropism for organ in organs])
    return np.cumsum(tropism / tropism.sum())[:-1], np.array([organ.weight for organ in organs])


def _heavier(scenario: Scenario, draws: Draws, borne: FloatArray) -> FloatArray:
    """Factor on the cells of a patient's visible lesions, which bear `borne` weighted cells without it, (patient,).

    Who would start above the ceiling is not admitted: the factor is drawn again, and after the last time cut.
    """
    presentation = scenario.disease.presentation
    heaviest = presentation.burden_ceiling * scenario.disease.host.lethal_burden
    factors = 10.0 ** (presentation.burden_spread * draws.normal("burden", DRAWN_AGAIN))
    admitted = factors * borne[:, None] <= heaviest
    factor = factors[np.arange(draws.size), admitted.argmax(axis=1)]
    return np.where(admitted.any(axis=1), factor, heaviest / np.maximum(borne, 1.0))


def _counts(scenario: Scenario, draws: Draws) -> tuple[BoolArray, BoolArray]:
    """Which slots hold a visible lesion, and which hold any, (patient, lesion)."""
    presentation, slots = scenario.disease.presentation, scenario.disease.lesions
    index = np.arange(slots)[None, :]
    count = np.minimum(draws.of("visible lesions", presentation.visible_lesions), slots)[:, None]
    micro = draws.of("micrometastases", presentation.micrometastases)[:, None] * scenario.on("dissemination")
    return index < count, index < count + micro


def _fill_with_clones(
    scenario: Scenario, draws: Draws, state: State, cells: FloatArray, presentation: Presentation
) -> None:
    traits, size = scenario.disease.traits, scenario.disease.lesions * clones(scenario.disease)
    shares = np.zeros((len(traits), *cells.shape))  # of a lesion's cells that carry the trait
    for t, trait in enumerate(traits):
        if arising(scenario, trait):
            log_share = draws.of(f"fraction {trait.name}", trait.log_fraction)[:, None]
            if trait.lesion_spread > 0.0:
                log_share = log_share + trait.lesion_spread * draws.normal(f"spread {trait.name}", cells.shape[1])
            shares[t] = np.minimum(10.0**log_share, 0.5)
    sleeping = scenario.on("dormancy")
    _fill(
        cells,
        shares,
        draws.plan.keep("carries", lambda: carried(scenario.disease) == 1),
        presentation.dormant_fraction * sleeping,
        presentation.closed_dormant_fraction * sleeping,
        draws.uniform("awake", size) if scenario.stochastic else np.zeros((0, 0)),
        draws.uniform("asleep", size) if scenario.stochastic else np.zeros((0, 0)),
        state.niche_open,
        state.organ,
        state.proliferating,
        state.dormant,
    )


@compiled
def _fill(
    cells: FloatArray,
    shares: FloatArray,
    carries: BoolArray,
    open_share: float,
    closed_share: float,
    awake: FloatArray,
    asleep: FloatArray,
    niche_open: BoolArray,
    organ: IntArray,
    proliferating: FloatArray,
    dormant: FloatArray,
) -> None:
    """Divide the cells of each lesion between clones, dividing and dormant; a lesion without any is none.

    Where uniforms are given counts are rounded up with the probability of the rest, so that the mean is kept.
    """
    whole = awake.shape[0] > 0
    for i in range(cells.shape[0]):
        for lesion in range(cells.shape[1]):
            resting = open_share if niche_open[i, lesion] else closed_share
            total = 0.0
            for clone in range(carries.shape[0]):
                share = 1.0
                for trait in range(carries.shape[1]):
                    with_it = shares[trait, i, lesion]
                    share *= with_it if carries[clone, trait] else 1.0 - with_it
                expected = cells[i, lesion] * share
                dividing, sleeping = expected * (1.0 - resting), expected * resting
                if whole:
                    at = lesion * carries.shape[0] + clone
                    dividing, sleeping = np.floor(dividing + awake[i, at]), np.floor(sleeping + asleep[i, at])
                proliferating[i, lesion, clone] = dividing
                dormant[i, lesion, clone] = sleeping
                total += dividing + sleeping
            if total <= 0.0:
                organ[i, lesion] = -1


def _scatter_seeds(scenario: Scenario, draws: Draws, state: State) -> None:
    """Single disseminated cells of the sensitive clone, Poisson in each organ by tropism."""
    means = draws.plan.keep("seeds", lambda: _seed_counts(scenario))
    u = draws.uniform("seeds", len(means))
    for organ, count in enumerate(means):
        state.seeds[:, organ, 0] = count.quantile(u[:, organ])


def _seed_counts(scenario: Scenario) -> list[Poisson]:
    tropism = np.array([organ.tropism for organ in scenario.disease.organs])
    mean = scenario.disease.presentation.disseminated_cells * tropism / tropism.sum()
    return [Poisson(float(expected)) for expected in mean]
