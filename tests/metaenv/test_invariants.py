"""What must hold whatever is done to whomever."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import metaenv

PROSTATE, STROBL = "metaenv/Prostate-v1", "metaenv/Strobl2021-v1"
SIZE = 8
COUNTS = ("proliferating", "dormant", "disseminated_cells")


def room(disease, scenario=None, **arguments):
    """A vector environment that waits at the end of each episode."""
    return metaenv.MetastasisVectorEnv(SIZE, disease, scenario=scenario, autoreset_mode="Disabled", **arguments)


ROOMS = {}


def kept_room(disease, **changes):
    """The room of a scenario, built once for all examples."""
    key = (disease, *sorted(changes.items()))
    if key not in ROOMS:
        ROOMS[key] = room(disease, replace(metaenv.make_scenario(disease), **changes))
    return ROOMS[key]


def check(env, observation, reward, infos):
    """Invariants of every state that can be reached."""
    state, scenario = env.cohort.state, env.scenario
    for name in COUNTS:
        cells = getattr(state, name)
        assert np.isfinite(cells).all() and (cells >= 0.0).all(), name
        if scenario.stochastic:
            assert (cells == np.floor(cells)).all(), f"{name} are whole"
    free = state.organ < 0
    assert (state.proliferating[free] == 0.0).all() and (state.dormant[free] == 0.0).all()
    assert (state.organ < len(scenario.organs)).all()
    for name in ("capacity", "concentration", "toxicity", "neutrophils", "shedding", "given", "due"):
        values = getattr(state, name)
        assert np.isfinite(values).all() and (values >= 0.0).all(), name
    assert ((state.host["immunity"] >= 0.0) & np.isfinite(state.host["immunity"])).all()
    assert np.isfinite(state.host["hazard"]).all()
    assert (state.host["cause"] < len(metaenv.CAUSES)).all()
    total = sum(getattr(state, name).sum(axis=(1, 2)) for name in COUNTS)
    assert np.allclose(infos["burden"], total, rtol=1e-12)
    assert env.observation_space.contains(observation)
    assert ((reward >= 0.0) & (reward <= scenario.visit_interval / 365.25 + 1e-12)).all()
    for name, value in infos.items():
        assert np.isfinite(value).all(), name


actions_of_prostate = st.lists(st.tuples(*[st.integers(0, 2)] * 3), min_size=1, max_size=30)


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), course=actions_of_prostate, full=st.booleans(), stochastic=st.booleans())
def test_prostate_stays_whole_finite_and_inside(seed, course, full, stochastic):
    env = kept_room("prostate", stochastic=stochastic, local_therapy=True)
    observation, infos = env.reset(seed=seed)
    check(env, observation, np.zeros(SIZE), infos)
    for action in course:
        observation, reward, _, _, infos = env.step(np.tile(action, (SIZE, 1)))
        check(env, observation, reward, infos)


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), course=st.lists(st.integers(0, 2), min_size=1, max_size=60))
def test_strobl_stays_finite_and_inside(seed, course):
    env = kept_room("strobl2021")
    observation, infos = env.reset(seed=seed)
    for action in course:
        observation, reward, _, _, infos = env.step(np.full((SIZE, 1), action))
        check(env, observation, reward, infos)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10**6),
    interval=st.sampled_from([0.5, 1.0, 7.0, 21.0, 30.4, 91.0, 400.0]),
    substep=st.sampled_from([0.25, 1.0, 7.0, 100.0]),
    without=st.sets(st.sampled_from(metaenv.MECHANISMS)),
)
def test_any_calendar_and_any_mechanisms_stay_whole_finite_and_inside(seed, interval, substep, without):
    scenario = metaenv.make_scenario("prostate", local_therapy=True)
    scenario = replace(scenario, visit_interval=interval, substep=substep)
    env = room("prostate", scenario, without=without, observation="full")
    rng = np.random.default_rng(seed)
    observation, infos = env.reset(seed=seed)
    check(env, observation, np.zeros(SIZE), infos)
    for _ in range(6):
        observation, reward, _, _, infos = env.step(rng.integers(0, 3, (SIZE, 3)))
        check(env, observation, reward, infos)


def random_play(disease, size, visits):
    """Random doses and, where there are any, procedures, with resets, in a crowd; the invariants at some visits."""
    local = metaenv.DISEASES[disease].local_therapy is not None
    env = metaenv.MetastasisVectorEnv(size, disease, action="continuous", observation="full", local_therapy=local)
    rng = np.random.default_rng(0)
    env.reset(seed=0)
    high = env.single_action_space.high
    for visit in range(visits):
        if rng.random() < 0.01:
            mask = rng.random(size) < 0.2
            env.reset(seed=int(rng.integers(10**9)), options={"reset_mask": mask})
        actions = rng.random((size, high.size)) * high
        actions[rng.random(actions.shape) < 0.3] = 0.0
        observation, reward, _, _, infos = env.step(actions)
        if visit % 10 == 0:
            check(env, observation, reward, infos)


@pytest.mark.parametrize("disease", ["prostate", "strobl2021"])
def test_random_actions_and_resets_raise_nothing(disease):
    random_play(disease, 64, 150)


@pytest.mark.slow
@pytest.mark.parametrize("disease", ["prostate", "strobl2021"])
def test_a_million_random_actions_and_resets_raise_nothing(disease):
    random_play(disease, 1024, 1000)


# ---- dose and effect, in deterministic mode


def sensitive(env):
    """Cells without any resistance trait, awake and asleep, (patient,)."""
    return sum(getattr(env.cohort.state, name)[:, :, 0].sum(axis=1) for name in COUNTS)


def treated(env, seed, doses):
    env.reset(seed=seed)
    for dose in doses:
        env.step(np.tile(np.asarray(dose, dtype=float), (SIZE, 1)))
    return sensitive(env)


fractions = st.floats(0.0, 1.0)


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), one=fractions, other=fractions, visits=st.integers(1, 60))
def test_more_of_the_drug_never_leaves_more_sensitive_cells_in_the_published_model(seed, one, other, visits):
    low, high = sorted((one, other))
    progression = replace(metaenv.make_scenario("strobl2021").disease.progression, ends_episode=False)
    disease = replace(metaenv.make_scenario("strobl2021").disease, progression=progression)
    scenario = replace(metaenv.make_scenario("strobl2021"), disease=disease)
    if "lasting" not in ROOMS:
        ROOMS["lasting"] = room("strobl2021", scenario, action="continuous")
    env = ROOMS["lasting"]
    less, more = treated(env, seed, [[high]] * visits), treated(env, seed, [[low]] * visits)
    assert (less <= more * (1.0 + 1e-9)).all()


def deterministic_room():
    """Prostate cancer by its means, patients who do not die; immunity off, for docetaxel harms it."""
    if "means" not in ROOMS:
        scenario = metaenv.make_scenario("prostate")
        host = replace(scenario.disease.host, lethal_hazard=0.0, sepsis_hazard=0.0, toxic_hazard=0.0)
        scenario = replace(scenario, stochastic=False, disease=replace(scenario.disease, host=host))
        ROOMS["means"] = room("prostate", scenario, action="continuous", without=("immune",))
    return ROOMS["means"]


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), one=fractions, other=fractions, visits=st.integers(1, 12))
def test_more_abiraterone_never_leaves_more_sensitive_cells(seed, one, other, visits):
    low, high = sorted((one, other))
    env = deterministic_room()
    less, more = treated(env, seed, [[high, 0]] * visits), treated(env, seed, [[low, 0]] * visits)
    assert (less <= more * (1.0 + 1e-9)).all()


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), one=st.floats(0.01, 1.0), other=st.floats(0.01, 1.0))
def test_more_docetaxel_in_a_cycle_never_leaves_more_sensitive_cells(seed, one, other):
    """Both are given: an infusion, however small, cuts the sub-steps at its day, which none does not."""
    low, high = sorted((one, other))
    env = deterministic_room()
    less, more = treated(env, seed, [[0, high]]), treated(env, seed, [[0, low]])
    assert (less <= more * (1.0 + 1e-9)).all()


@pytest.mark.parametrize("disease", metaenv.DISEASES)
@pytest.mark.parametrize("stochastic", [True, False])
def test_zero_dose_equals_untreated(disease, stochastic, same):
    """Drugs that do nothing, given in full, leave the same tumour as no drug given, bit by bit.

    They are given as tablets: an infusion, even an inert one, cuts the sub-steps at its day.
    """
    scenario = replace(metaenv.make_scenario(disease), stochastic=stochastic)
    inert = tuple(
        replace(
            drug,
            infusion=False,
            most_cycles=0,  # there are none
            kill=1e-300,
            cytostatic_share=0.0,
            persistence=0.0,
            induction=0.0,
            marrow_slope=0.0,
            immune_shift=0.0,
            pump_inhibition=0.0,
            normalisation=0.0,
            pruning=0.0,
            antiangiogenic=0.0,
            waking_shift=0.0,
            toxicity={},
        )
        for drug in scenario.drugs
    )
    untreated = room(disease, scenario)
    given_ = room(disease, replace(scenario, drugs=inert))
    for env in (untreated, given_):
        env.reset(seed=6)
    shape = untreated.action_space.shape
    full = np.zeros(shape)
    full[:, : len(inert)] = 2.0
    for _ in range(8):
        plain, dosed = untreated.step(np.zeros(shape)), given_.step(full)
        for name in (*COUNTS, "organ", "capacity", "neutrophils", "toxicity"):
            same(getattr(untreated.cohort.state, name), getattr(given_.cohort.state, name), name)
        same(plain[4]["marker"], dosed[4]["marker"])
        assert (plain[4]["dose_given"] == 0.0).all()
        assert (dosed[4]["dose_given"][dosed[4]["cause"] == 0] > 0.0).all()


def test_a_drug_that_is_not_on_offer_is_a_drug_not_given(same):
    scenario = metaenv.make_scenario("prostate")
    both, alone = room("prostate", scenario), room("prostate", replace(scenario, drugs=scenario.drugs[:1]))
    both.reset(seed=2)
    alone.reset(seed=2)
    for level in (2, 2, 0, 1):
        both.step(np.tile([level, 0], (SIZE, 1)))
        alone.step(np.tile([level], (SIZE, 1)))
        for name in COUNTS:
            same(getattr(both.cohort.state, name), getattr(alone.cohort.state, name), name)


def test_sub_doses_below_a_step_are_doses():
    env = room("prostate", action="continuous")
    _, _, _, _, infos = (env.reset(seed=0), env.step(np.tile([0.25, 0.0], (SIZE, 1))))[1]
    assert np.allclose(infos["dose_given"][:, 0], 0.25)
