"""What the agent sees: named parts, bounds, and nothing but measurements."""

import inspect
import pickle
import re

import gymnasium as gym
import numpy as np
import pytest

import metaenv
from metaenv.clinic.observation_table import describe_parts
from metaenv.clinic.visit import admit_each

PROSTATE, STROBL = "metaenv/Prostate-v1", "metaenv/Strobl2021-v1"
EVERY = pytest.mark.parametrize("identifier", metaenv.REGISTERED)
OBSERVATIONS = pytest.mark.parametrize("observation", ["clinic", "full"])
CLINIC_PARTS = {  # name: length; o organs, t traits, k kinds of toxicity, d drugs
    "marker": 1,
    "marker_ratio": 1,
    "marker_measured": 1,
    "scan_measured": 1,
    "scan_age": 1,
    "diameters": "o",
    "visible": "o",
    "response": 4,
    "allele_fraction": "t",
    "allele_measured": 1,
    "neutrophils": 1,
    "toxicity": "k",
    "dose_given": "d",
    "held": "d",
    "cycles": "d",
    "local_therapy": 3,
    "day": 1,
}


def of(identifier, observation="clinic", size=None, **arguments):
    arguments |= {"disease": gym.spec(identifier).kwargs["disease"], "observation": observation}
    return metaenv.MetastasisEnv(**arguments) if size is None else metaenv.MetastasisVectorEnv(size, **arguments)


# ---- the layout


@EVERY
@OBSERVATIONS
def test_parts_cover_the_observation_once_and_in_order(identifier, observation):
    env = of(identifier, observation)
    layout, end = env.layout, 0
    for name, part in layout:
        assert part == getattr(layout, name)
        assert part.start == end and part.stop >= part.start and part.step is None
        end = part.stop
    assert end == layout.size == env.observation_space.shape[0]
    assert tuple(name for name, _ in layout) == layout.names
    assert len(set(layout.names)) == len(layout.names)


@EVERY
def test_clinic_parts_are_the_documented_ones(identifier):
    env = of(identifier)
    scenario = env.scenario
    lengths = {
        "o": len(scenario.organs),
        "t": len(scenario.traits),
        "k": len(scenario.toxicities),
        "d": len(scenario.drugs),
    }
    expected = {name: lengths.get(length, length) for name, length in CLINIC_PARTS.items()}
    assert {name: part.stop - part.start for name, part in env.layout} == expected


@EVERY
def test_full_observation_begins_with_the_clinic_s(identifier, same):
    env, oracle = of(identifier), of(identifier, "full")
    size = env.layout.size
    assert oracle.layout.names[: len(env.layout.names)] == env.layout.names
    same(env.reset(seed=4)[0], oracle.reset(seed=4)[0][:size])
    for action in ([1] * env.action_space.shape[0], [0] * env.action_space.shape[0]):
        same(env.step(action)[0], oracle.step(action)[0][:size])


@OBSERVATIONS
def test_unknown_part_raises_and_lists_the_known(observation):
    layout = of(PROSTATE, observation).layout
    with pytest.raises(AttributeError) as caught:
        _ = layout.tumour_grade
    assert "'tumour_grade'" in str(caught.value)
    assert all(name in str(caught.value) for name in layout.names)


@EVERY
@OBSERVATIONS
def test_bounds_are_finite_float32_and_in_order(identifier, observation):
    space = of(identifier, observation).observation_space
    assert space.dtype == np.float32
    assert np.isfinite(space.low).all() and np.isfinite(space.high).all() and (space.low <= space.high).all()


@EVERY
@OBSERVATIONS
@pytest.mark.parametrize("seed", [0, 1])
def test_parts_say_what_info_says(identifier, observation, seed, brief):
    env = of(identifier, observation, 32, scenario=brief(identifier, 14), autoreset_mode="Disabled")
    layout = env.layout
    observation_, infos = env.reset(seed=seed)
    baseline, horizon = infos["marker"], env.scenario.horizon
    most = np.array([drug.most_cycles for drug in env.scenario.drugs], dtype=float)
    env.action_space.seed(seed)
    for _ in range(14):
        reading = np.log10(np.maximum(1e-4, infos["marker"]))
        assert np.allclose(observation_[:, layout.marker][:, 0], reading, atol=1e-5)
        ratio = np.minimum(10.0, infos["marker"] / baseline)
        assert np.allclose(observation_[:, layout.marker_ratio][:, 0], ratio, rtol=1e-5)
        examined = infos["cause"] != metaenv.CAUSES.index("procedure")
        assert (observation_[:, layout.marker_measured][:, 0] == examined).all()
        assert (observation_[:, layout.response].argmax(axis=1) == infos["response"]).all()
        assert (observation_[:, layout.response].sum(axis=1) == 1.0).all()
        assert np.allclose(observation_[:, layout.neutrophils][:, 0] * 10.0, infos["neutrophils"], rtol=1e-5)
        grade = np.minimum(4.0, np.floor(3.0 * infos["toxicity"] + 1e-9))
        assert np.allclose(observation_[:, layout.toxicity] * 4.0, grade)
        given = np.minimum(4.0, infos["dose_given"])
        assert np.allclose(observation_[:, layout.dose_given], given, rtol=1e-6)
        assert (observation_[:, layout.held] == infos["held"]).all()
        share = np.minimum(1.0, env.cohort.state.cycles / np.maximum(most, 1.0)) * (most > 0.0)
        assert np.allclose(observation_[:, layout.cycles], share, rtol=1e-6)
        assert (observation_[:, layout.local_therapy].argmax(axis=1) == infos["procedure"]).all()
        assert np.allclose(observation_[:, layout.day][:, 0], infos["day"] / horizon, rtol=1e-6)
        seen = np.rint(observation_[:, layout.visible] * 10.0)
        assert ((seen > 0) == (observation_[:, layout.diameters] > 0.0)).all()
        scanned = observation_[:, layout.scan_measured][:, 0] == 1.0
        assert (seen.sum(axis=1)[scanned] == infos["visible_lesions"][scanned]).all()
        assert (scanned == (examined & (observation_[:, layout.scan_age][:, 0] == 0.0))).all()
        observation_, _, _, _, infos = env.step(env.action_space.sample())


def test_scans_come_every_twelve_weeks_and_the_last_one_stays_in_view(same):
    env = of(PROSTATE)
    layout = env.layout
    last, _ = env.reset(seed=2)
    for visit in range(1, 10):
        now, _, terminated, _, _ = env.step([2, 0])
        assert not terminated
        assert now[layout.scan_measured][0] == (visit % 3 == 0)
        assert now[layout.scan_age][0] * 365.25 == pytest.approx(28.0 * (visit % 3), abs=1e-3)
        if visit % 3:
            same(now[layout.diameters], last[layout.diameters])
            same(now[layout.visible], last[layout.visible])
            same(now[layout.response], last[layout.response])
        last = now


@EVERY
@OBSERVATIONS
def test_extreme_patients_stay_inside_the_space(identifier, observation, brief):
    env = of(identifier, observation, 64, scenario=brief(identifier, 40, 0.0), autoreset_mode="Disabled")
    env.reset(seed=0)
    nothing = np.zeros(env.action_space.shape, dtype=int)
    for _ in range(40):  # nobody dies of the largest tumours there are
        assert env.observation_space.contains(env.step(nothing)[0])


# ---- bounds near the data


@EVERY
@OBSERVATIONS
def test_bounds_are_near_the_data(identifier, observation):
    layout = of(identifier, observation).layout
    scenario = of(identifier).scenario
    rest = max(scenario.disease.sensors.scan_interval, scenario.visit_interval)  # then a scan is due
    assert layout.high[layout.scan_age] * 365.25 == pytest.approx(rest)
    assert layout.high.max() <= 15.0
    for name, most in {"marker": 6.0, "day": 1.0, "capacity": 3.0}.items():
        if name in layout.names:
            assert (layout.high[getattr(layout, name)] <= most).all(), name


@EVERY
@OBSERVATIONS
def test_patients_stay_inside_the_bounds_and_use_them(identifier, observation, brief):
    """Nothing is cut: what is seen is what the clinic reports."""
    env = of(identifier, observation, 64, scenario=brief(identifier, 40), autoreset_mode="Disabled")
    report = env.cohort.report.observation
    env.reset(seed=0)
    env.action_space.seed(0)
    for _ in range(40):
        seen = env.step(env.action_space.sample())[0]
        assert env.observation_space.contains(seen)
        assert (seen == report).all()
    highest = report.max(axis=0) / env.layout.high
    assert highest[env.layout.neutrophils].max() > 0.1


def test_what_is_above_a_bound_is_reported_as_the_bound():
    for env in (of(PROSTATE), of(PROSTATE, size=2, autoreset_mode="Same_Step")):
        env.reset(seed=0)
        env.cohort.state.neutrophils[:] = 500.0
        env.cohort.patients.person["baseline_neutrophils"] = 500.0
        seen = np.atleast_2d(env.step(np.zeros(env.action_space.shape))[0])
        neutrophils = env.layout.neutrophils
        assert (env.cohort.report.observation[:, neutrophils] > 3.0).all()
        assert (seen[:, neutrophils] == env.layout.high[neutrophils]).all()
        assert all(env.layout.low.size == row.size and (row <= env.layout.high).all() for row in seen)


# ---- the layout as a table


@EVERY
@OBSERVATIONS
def test_a_layout_prints_as_a_table_of_names_slices_bounds_scales_and_units(identifier, observation):
    env = of(identifier, observation)
    layout, table = env.layout, repr(env.layout).splitlines()
    assert table[0] == f"Layout of {layout.size} numbers"
    assert re.split("  +", table[1]) == ["part", "slice", "low", "high", "shown", "x in"]
    assert len(table) == 2 + len(layout.names) and max(map(len, table)) <= 80
    for (name, part), line in zip(layout, table[2:], strict=True):
        cells = re.split("  +", line)
        assert cells[:2] == [name, f"{part.start}:{part.stop}"]
        if part.stop > part.start:
            low, high = layout.low[part.start], layout.high[part.start]
            assert [float(cell) for cell in cells[2:4]] == pytest.approx([low, high], rel=1e-4)
        else:
            assert cells[2:4] == ["none", "here"]
        assert len(cells) == 6 and "x" in cells[4]  # a scale and a unit
    assert env.scenario.disease.sensors.marker_unit in table[2]


# ---- parts read back in their units


@pytest.mark.parametrize("autoreset_mode", ["Disabled", "Same_Step"])
def test_a_part_is_read_from_one_patient_as_from_many(autoreset_mode, same):
    env = of("metaenv/Lung-v1", "full", 3, autoreset_mode=autoreset_mode)
    seen, _ = env.reset(seed=0)
    for name in env.layout.names:
        many = env.layout.read(name, seen)
        same(many, np.array([env.layout.read(name, row) for row in seen]))
        same(many[None], env.layout.read(name, seen[None]))
        assert many.dtype == np.float64


def test_a_copied_layout_reads_the_same(same):
    env = of(PROSTATE)
    seen, _ = env.reset(seed=0)
    copied = pickle.loads(pickle.dumps(env.layout))
    for name in env.layout.names:
        same(copied.read(name, seen), env.layout.read(name, seen))


def test_only_parts_of_this_observation_can_be_read():
    env = of(PROSTATE)
    seen, _ = env.reset(seed=0)
    with pytest.raises(ValueError, match=r"part must be one of \['marker', .*'day'\], got 'immunity'"):
        env.layout.read("immunity", seen)


def test_an_observation_that_does_not_hold_the_part_is_refused():
    layout = of(PROSTATE).layout
    with pytest.raises(ValueError, match=rf"must be \(…, {layout.size}\) for this layout, got shape \(3, 2\)"):
        layout.read("day", np.zeros((3, 2), dtype=np.float32))


# ---- the environment's page


def test_the_page_of_the_environment_shows_the_table_of_parts():
    assert describe_parts() in inspect.getdoc(metaenv.MetastasisEnv)
    assert describe_parts() in inspect.getdoc(metaenv.Layout)


# ---- no leak: measurements only


def examine_again(env):
    """The examination of this day, repeated: scan, blood, mask and observation of the state as it is now."""
    cohort = env.cohort
    rows = np.arange(cohort.size)
    for array in cohort.chart:
        array[:] = np.zeros(1, dtype=array.dtype)[0]
    admit_each(cohort.ward, rows)
    return cohort.report.observation.copy(), env.action_masks(), cohort.chart.note["marker"].copy()


def more_sleep(state):
    state.dormant[:] = 7.0 * state.dormant + 1e9 * (state.organ >= 0)[..., None]


def no_sleep(state):
    state.dormant[:] = 0.0


def hidden_lesions(state):
    """Every free slot gets a lesion of sleeping cells."""
    free = state.organ < 0
    state.organ[free] = 0
    state.proliferating[free] = 0.0
    state.dormant[free] = 1e10
    state.capacity[free] = 1e11


HIDDEN = {
    "more dormant cells": more_sleep,
    "no dormant cells": no_sleep,
    "lesions that sleep": hidden_lesions,
    "single cells": lambda state: state.disseminated_cells.__iadd__(1e6),
    "closed niches": lambda state: state.niche_open.fill(False),
    "open niches": lambda state: state.niche_open.fill(True),
    "no vessels": lambda state: state.vascular.fill(False),
    "capacity": lambda state: state.capacity.__imul__(3.0),
    "immunity": lambda state: state.host["immunity"].fill(0.2),
    "hazard": lambda state: state.host["hazard"].fill(0.6),
    "concentration": lambda state: state.concentration.__iadd__(1.0),
    "wound": lambda state: state.host["wound"].fill(9.0),
    "marrow": lambda state: state.neutrophils[:, :-1].__imul__(0.5),
}


@pytest.mark.parametrize("hidden", HIDDEN)
@EVERY
def test_what_no_instrument_reads_changes_no_observation_and_no_mask(identifier, hidden, same):
    env = of(identifier, size=8, autoreset_mode="Disabled")
    env.reset(seed=0)
    for action in ([2], [1], [0]):
        env.step(np.broadcast_to(action, env.action_space.shape))
    expected = examine_again(env)
    same(examine_again(env), expected, "the same state")
    HIDDEN[hidden](env.cohort.state)
    same(examine_again(env), expected, hidden)


@EVERY
def test_resistant_clones_show_in_nothing_but_allele_fractions(identifier, same):
    env = of(identifier, size=8, autoreset_mode="Disabled")
    env.reset(seed=0)
    before, mask, marker = examine_again(env)
    cells = env.cohort.state.proliferating
    total = cells.sum(axis=2)
    cells[:] = 0.0
    cells[..., -1] = total  # as many dividing cells in every lesion, all with every trait
    after, mask_after, marker_after = examine_again(env)
    hidden = np.ones(env.layout.size, dtype=bool)
    hidden[env.layout.allele_fraction] = hidden[env.layout.allele_measured] = False
    assert np.allclose(after[:, hidden], before[:, hidden], rtol=1e-6)
    assert np.allclose(marker_after, marker, rtol=1e-12)
    same(mask_after, mask)


@EVERY
def test_what_the_clinic_measures_does_change_the_observation(identifier):
    env = of(identifier, size=8, autoreset_mode="Disabled")
    env.reset(seed=0)
    env.step(np.ones(env.action_space.shape, dtype=int))
    layout, state = env.layout, env.cohort.state
    state.organ[:, 0], state.proliferating[:, 0, 0] = 0, 1e11  # somewhere, something to be seen
    before, _, _ = examine_again(env)
    state.proliferating[:, 0, 0] *= 4.0
    state.neutrophils[:, -1] += 1.0
    after, _, _ = examine_again(env)
    for part in (layout.marker, layout.diameters, layout.neutrophils):
        assert (after[:, part] > before[:, part]).any(axis=1).all()


def test_a_later_visit_shows_nothing_of_what_sleeps(brief, same):
    """Two patients apart in nothing but what no instrument reads, seen a moment later, look the same.

    Without noise and chance, and after a visit so short that nothing grows.
    """
    scenario = brief(PROSTATE, visits=10, visit_interval=1e-6, stochastic=False)
    env, twin = (of(PROSTATE, size=8, scenario=scenario, autoreset_mode="Disabled") for _ in range(2))
    for each in (env, twin):
        each.reset(seed=0)
    state = twin.cohort.state
    no_sleep(state)
    state.disseminated_cells[:] += 1e6
    state.niche_open[:] = False
    state.host["immunity"] = 0.0
    for visit in range(5):
        action = np.zeros(env.action_space.shape, dtype=int)
        one, other = env.step(action), twin.step(action)
        assert (one[4]["dormant"] != other[4]["dormant"]).all()
        assert np.allclose(one[0], other[0], rtol=1e-5, atol=1e-6), visit
        same(one[4]["action_mask"], other[4]["action_mask"])


def test_a_lesion_that_died_out_between_scans_shows_in_no_mask():
    """The clinic offers what its last scan shows; that a lesion is gone since then is not known to it."""
    env = of(PROSTATE, size=8, autoreset_mode="Disabled")
    env.reset(seed=0)
    env.step(np.zeros((8, 2)))
    twin = of(PROSTATE, size=8, autoreset_mode="Disabled")
    twin.restore(env.snapshot())
    state, cohort = twin.cohort.state, twin.cohort
    state.organ[:], state.proliferating[:], state.dormant[:], state.disseminated_cells[:] = -1, 0.0, 0.0, 0.0
    for each in (env, twin):
        each.step(np.zeros((8, 2)))  # no scan at this visit
    assert (cohort.chart.note["scanned"] == 0).all()
    assert (env.action_masks() == twin.action_masks()).all()


def test_full_observation_shows_what_sleeps():
    env = of(PROSTATE, "full", 8, autoreset_mode="Disabled")
    env.reset(seed=0)
    layout = env.layout
    before, _, _ = examine_again(env)
    more_sleep(env.cohort.state)
    after, _, _ = examine_again(env)
    assert (after[:, layout.dormant_cells] > before[:, layout.dormant_cells]).any(axis=1).all()
