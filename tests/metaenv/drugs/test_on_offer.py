"""Every drug by its name in every disease, and what a scenario makes of other drugs on offer."""

import math
from dataclasses import replace
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest

import metaenv
from metaenv.drugs import DRUGS, TOXICITIES, Drug, Toxicity, kinds
from metaenv.scenario.variation import vary

FOLDER = Path(metaenv.__file__).parent / "drugs"
SIZE = 8


def refuses(call, *words):
    with pytest.raises(ValueError) as caught:
        call()
    for word in words:
        assert word in str(caught.value), f"{word!r} is not in {str(caught.value)!r}"


# ---- the shelf


def test_every_file_is_a_drug_of_its_name_on_the_shelf():
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__", "drug", "toxicity"}
    assert set(DRUGS) == files
    assert all(drug.name == name for name, drug in DRUGS.items())


@pytest.mark.parametrize("name", DRUGS)
def test_a_drug_on_the_shelf_causes_known_toxicities_and_costs_something(name):
    drug = DRUGS[name]
    assert set(drug.toxicity) <= set(TOXICITIES)
    assert 0.0 < drug.disutility < 0.2
    assert drug.ec50 < 2.0  # of the average concentration: it does what it does at doses that are given


@pytest.mark.parametrize("name", sorted(DRUGS))
@pytest.mark.parametrize("identifier", metaenv.REGISTERED)
def test_every_drug_can_be_given_in_every_disease(identifier, name, brief):
    env = gym.make(identifier, drugs=(name,), scenario=brief(identifier, 4, 0.0))  # nobody dies of the disease
    observation, info = env.reset(seed=1)
    interval, given = env.unwrapped.scenario.visit_interval / 365.25, 0.0
    for _ in range(3):
        assert env.observation_space.contains(observation)
        assert all(np.isfinite(value).all() for value in info.values())
        action = np.zeros(env.action_space.shape, dtype=int)
        action[0] = 2
        observation, reward, _, _, info = env.step(action)
        given += info["dose_given"][0]
        assert 0.0 <= reward <= interval + 1e-12
    assert given > 0.0


# ---- toxicities


@pytest.mark.nojit
def test_a_toxicity_halves_in_its_half_life_or_stays():
    assert Toxicity(name="x", half_life=30.0, disutility=0.1).recovery == pytest.approx(math.log(2.0) / 30.0)
    assert Toxicity(name="x", half_life=math.inf, disutility=0.1).recovery == 0.0


@pytest.mark.nojit
def test_toxicities_refuse_what_is_not_allowed():
    refuses(lambda: kinds("skin", "hair"), "hair", *TOXICITIES)
    refuses(lambda: Toxicity(name="x", half_life=0.0, disutility=0.1), "half_life", "> 0", "0.0", "'x'")
    refuses(lambda: Toxicity(name="x", half_life=math.nan, disutility=0.1), "half_life", "nan")
    refuses(lambda: Toxicity(name="x", half_life=1.0, disutility=1.1), "disutility", "[0, 1]", "1.1", "'x'")
    assert [kind.name for kind in kinds("renal", "skin")] == ["renal", "skin"]
    assert kinds() == ()


@pytest.mark.nojit
@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("pump_inhibition", 1.01, "[0, 1]"),
        ("pump_inhibition", -0.01, "[0, 1]"),
        ("pruning", 1.5, "[0, 1]"),
        ("antiangiogenic", math.nan, "[0, 1]"),
        ("normalisation", -0.1, ">= 0"),
        ("normalisation", math.inf, ">= 0"),
        ("waking_shift", -1.1, ">= -1"),
        ("waking_shift", math.inf, ">= -1"),
    ],
)
def test_a_drug_refuses_what_is_not_allowed(field, value, allowed):
    refuses(lambda: replace(DRUGS["docetaxel"], **{field: value}), field, allowed, str(value), "'docetaxel'")


# ---- a scenario with other drugs


def test_other_drugs_are_offered_in_the_order_asked_for():
    scenario = metaenv.make_scenario("breast")
    changed = scenario.with_drugs(("everolimus", "letrozole", "docetaxel"))
    assert [drug.name for drug in changed.drugs] == ["everolimus", "letrozole", "docetaxel"]
    assert changed.disease.drugs == changed.drugs
    assert scenario == metaenv.make_scenario("breast")


def test_the_first_line_stays_where_its_drugs_are_still_offered():
    scenario = metaenv.make_scenario("breast")
    assert scenario.disease.first_line == ("letrozole",)
    assert scenario.with_drugs(("everolimus", "letrozole")).disease.first_line == ("letrozole",)
    assert scenario.with_drugs(("everolimus", "letrozole")).first_line == (1,)
    assert scenario.with_drugs(("everolimus", "doxorubicin")).disease.first_line == ("everolimus",)


def test_toxicities_of_new_drugs_are_added_behind_those_of_the_disease():
    scenario = metaenv.make_scenario("prostate")
    changed = scenario.with_drugs(("everolimus", "bevacizumab", "docetaxel"))
    assert changed.toxicities == (*scenario.toxicities, "hypertension", "stomatitis")
    assert scenario.with_drugs(("docetaxel",)).toxicities == scenario.toxicities


def test_a_drug_of_the_disease_alone_can_be_named_too():
    scenario = metaenv.make_scenario("bozic2013").with_drugs(("second_drug", "tariquidar"))
    assert [drug.name for drug in scenario.drugs] == ["second_drug", "tariquidar"]
    assert scenario.disease.first_line == ("second_drug",)


def test_a_drug_that_was_varied_is_not_taken_from_the_shelf():
    scenario = vary(metaenv.make_scenario("prostate"), {"drugs.docetaxel.kill": 0.33})
    assert scenario.with_drugs(("tariquidar", "docetaxel")).drugs[1].kill == 0.33


def test_other_drugs_refuse_what_is_not_allowed():
    scenario = metaenv.make_scenario("prostate")
    refuses(lambda: scenario.with_drugs(("docetaxel", "aspirin")), "aspirin", *DRUGS)
    refuses(lambda: scenario.with_drugs(("first_drug",)), "first_drug")
    refuses(lambda: scenario.with_drugs(()), "at least one drug")
    refuses(lambda: scenario.with_drugs(3), "unknown drug [3]", *DRUGS)
    refuses(lambda: scenario.with_drugs(["docetaxel", None]), "unknown drug [None]", *DRUGS)
    refuses(lambda: scenario.with_drugs(("docetaxel", "docetaxel")), "drugs must differ")
    refuses(lambda: gym.make("metaenv/Breast-v1", drugs=("aspirin",)), "aspirin", *DRUGS)


def test_the_argument_of_the_environment_is_the_same_scenario():
    names = ("tariquidar", "docetaxel")
    env = gym.make("metaenv/Prostate-v1", drugs=names, without=("immune",)).unwrapped
    assert env.scenario == metaenv.make_scenario("prostate").with_drugs(names).without(("immune",))
    assert gym.make("metaenv/Prostate-v1", drugs="docetaxel").unwrapped.scenario.drugs == (DRUGS["docetaxel"],)


def test_what_a_drug_does_does_not_depend_on_what_else_is_offered(same):
    """Alone, in another order, or beside drugs that are not given: the same patients."""
    states = []
    for names in (("docetaxel",), ("tariquidar", "docetaxel", "everolimus")):
        env = metaenv.MetastasisVectorEnv(SIZE, "prostate", drugs=names, autoreset_mode="Disabled")
        env.reset(seed=4)
        action = np.zeros(env.action_space.shape, dtype=int)
        action[:, names.index("docetaxel")] = 2
        for _ in range(4):
            env.step(action)
        states.append(
            [getattr(env.cohort.state, name) for name in ("proliferating", "dormant", "disseminated_cells", "capacity")]
        )
    same(*states)


# ---- dose and effect

AWAKE = [name for name, drug in DRUGS.items() if drug.waking_shift == 0.0]  # sleep saves cells from what kills others


def sensitive_left(disease, name, doses, visits):
    """Cells without any trait after some visits at each dose, deterministic; nobody dies and no dose is held."""
    scenario = metaenv.make_scenario(disease).with_drugs((name,))
    scenario = replace(scenario, drugs=(replace(scenario.drugs[0], toxicity={}, marrow_slope=0.0),))
    host = replace(scenario.disease.host, lethal_hazard=0.0, sepsis_hazard=0.0, toxic_hazard=0.0)
    scenario = replace(scenario, stochastic=False, disease=replace(scenario.disease, host=host)).without("immune")
    left = []
    for dose in doses:
        env = metaenv.MetastasisVectorEnv(SIZE, scenario=scenario, action="continuous", autoreset_mode="Disabled")
        env.reset(seed=0)
        action = np.zeros(env.action_space.shape)
        action[:, 0] = dose
        for _ in range(visits):
            env.step(action)
        state = env.cohort.state
        left.append(
            (state.proliferating + state.dormant)[:, :, 0].sum(axis=1) + state.disseminated_cells[:, :, 0].sum(axis=1)
        )
    return np.array(left)


@pytest.mark.parametrize("name", AWAKE)
@pytest.mark.parametrize("disease", ["prostate", "lung", "breast_recurrent"])
def test_more_of_a_drug_never_leaves_more_sensitive_cells(disease, name):
    left = sensitive_left(disease, name, (0.01, 0.1, 0.4, 0.7, 1.0), 6)
    assert (np.diff(left, axis=0) <= 1e-9 * left[:-1]).all()
    harmless = DRUGS[name].kill < 1e-6 and DRUGS[name].antiangiogenic == 0.0
    assert (left[-1] < (1.0 - 1e-6) * left[0]).all() != harmless


# ---- sleep or wake

COHORT = 256


def course(scenario, action, visits):
    """Infos of the visits under a fixed prescription of the same patients with the same luck; [0] is the start."""
    env = metaenv.MetastasisVectorEnv(COHORT, scenario=scenario, autoreset_mode="Disabled")
    infos = [env.reset(seed=[0] * COHORT, options={"patient": np.arange(COHORT)})[1]]
    infos += [env.step(np.tile(action, (COHORT, 1)))[-1] for _ in range(visits)]
    return infos


def test_everolimus_delays_recurrences():
    scenario = metaenv.make_scenario("breast").with_drugs("everolimus")
    untreated, asleep = (course(scenario, [level], scenario.visits)[-1] for level in (0, 2))
    free = [np.where(info["progressed"], info["progression_day"], scenario.horizon) for info in (untreated, asleep)]
    recurred = untreated["progressed"]
    assert recurred.mean() > 0.05
    assert asleep["progressed"].mean() < 0.8 * recurred.mean()
    assert (free[1] >= free[0])[recurred].mean() > 0.9
    assert (free[1] > free[0] + 365.0)[recurred].mean() > 0.5
    assert (asleep["progressed"] & ~recurred).mean() < 0.02


def test_hydroxychloroquine_lowers_the_cells_that_sleep():
    scenario = metaenv.make_scenario("breast").with_drugs("hydroxychloroquine")
    untreated, treated = (course(scenario, [level], 26) for level in (0, 2))
    sleeping = (untreated[0]["dormant"] > 1e4) & (untreated[26]["dormant"] > 1e4)
    assert sleeping.mean() > 0.3
    share = (treated[26]["dormant"] / untreated[26]["dormant"])[sleeping]
    assert (share < 1.0).mean() > 0.98 and np.median(share) < 0.5


def test_waking_before_doxorubicin_removes_more_of_what_sleeps():
    """The test's own drug opens niches and kills nothing; no cell is resistant to what follows."""
    waker = Drug(name="waker", infusion=False, half_life=1.0, hill=1.0, ec50=0.01, kill=1e-12, waking_shift=200.0)
    sensitive = metaenv.make_scenario("breast", without=["efflux", "target_mutation", "bypass"])
    scenario = vary(sensitive.with_drugs("doxorubicin"), {"drugs.doxorubicin.kill": 0.2})  # /day
    scenario = replace(scenario, drugs=(*scenario.drugs, waker))
    alone, awake, both = (course(scenario, action, 8) for action in ([2, 0], [0, 2], [2, 2]))
    slept = alone[0]["dormant"] > 1e4
    assert slept.mean() > 0.3
    assert (both[8]["dormant"] < alone[8]["dormant"])[slept].mean() > 0.9
    assert np.median((both[8]["dormant"] / alone[8]["dormant"])[slept]) < 0.1
    for one in (alone, awake):  # what wakes is killed, so that less of everything is left than after either alone
        assert np.median((both[8]["burden"] / one[8]["burden"])[slept]) < 0.2
