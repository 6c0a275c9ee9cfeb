"""What counts: quality-adjusted time, years, progression-free years."""

from dataclasses import replace

import numpy as np
import pytest

import metaenv
from metaenv.clinic.codes import OBJECTIVES
from metaenv.clinic.reward import FEBRILE_SHARE
from metaenv.diseases.disease import Host, LocalTherapy
from metaenv.drugs.toxicity import Toxicity

YEAR = 365.25
PROSTATE = "metaenv/Prostate-v1"
EVERY = pytest.mark.parametrize("identifier", metaenv.REGISTERED)


def played(scenario, actions, size=48, visits=24, seed=0):
    """Rewards (visit, patient) and infos of the visits, autoreset DISABLED."""
    env = metaenv.MetastasisVectorEnv(size, scenario=scenario, autoreset_mode="Disabled")
    env.reset(seed=seed)
    env.action_space.seed(seed)
    rewards, infos = [], []
    for _ in range(visits):
        action = env.action_space.sample() if actions is None else np.tile(actions, (size, 1))
        _, reward, terminated, truncated, info = env.step(action)
        rewards.append(reward)
        infos.append(info | {"terminated": terminated, "truncated": truncated})
    return np.array(rewards), infos


def with_procedures(scenario):
    """The scenario with procedures on offer, however many lesions are seen."""
    anywhere = replace(scenario.disease.local_therapy, most_lesions=1000)
    return replace(scenario, disease=replace(scenario.disease, local_therapy=anywhere), local_therapy=True)


def components(info):
    return {name.removeprefix("reward/"): value for name, value in info.items() if name.startswith("reward/")}


@pytest.mark.parametrize("objective", OBJECTIVES)
@EVERY
def test_reward_lies_between_zero_and_the_time_lived_and_is_the_sum_of_its_parts(identifier, objective, brief):
    scenario = replace(brief(identifier, 24, 0.1), reward=metaenv.Reward(objective=objective))
    rewards, infos = played(scenario, None)
    before = np.zeros(48)
    for reward, info in zip(rewards, infos, strict=True):
        lived = (info["day"] - before) / YEAR
        before = info["day"]
        assert (reward >= 0.0).all() and (reward <= lived + 1e-12).all()
        parts = components(info)
        assert set(parts) == set(metaenv.COMPONENTS)
        assert np.allclose(sum(parts.values()), reward, rtol=0.0, atol=1e-12)
        assert (parts["life"] >= 0.0).all()
        assert all((parts[name] <= 0.0).all() for name in parts.keys() - {"life"})


def test_after_death_nothing_is_earned(brief):
    rewards, infos = played(brief(PROSTATE, 24, 1.0), [0, 0])
    dead = np.array([info["cause"] != 0 for info in infos])
    assert dead[-1].mean() > 0.5
    assert (rewards[1:][dead[:-1]] == 0.0).all()
    assert (rewards[0] > 0.0).all()


def test_the_visit_of_death_pays_for_the_days_lived(brief):
    rewards, infos = played(replace(brief(PROSTATE, 24, 1.0), reward=metaenv.Reward(objective="survival")), [0, 0])
    assert np.allclose(rewards.sum(axis=0), infos[-1]["day"] / YEAR)


@EVERY
def test_survival_is_years_lived(identifier, brief):
    rewards, infos = played(replace(brief(identifier, 24, 0.1), reward=metaenv.Reward(objective="survival")), None)
    assert np.allclose(rewards.sum(axis=0), infos[-1]["day"] / YEAR)


@EVERY
def test_control_is_years_until_progression_is_recorded(identifier, brief):
    visits = 240  # what cannot be seen at first needs years to be
    scenario = replace(brief(identifier, visits, 0.1), reward=metaenv.Reward(objective="control"))
    rewards, infos = played(scenario, [0] * (len(scenario.drugs) + scenario.local_therapy), visits=visits)
    days = np.array([info["day"] for info in infos])
    steps = np.diff(days, axis=0, prepend=0.0)
    progressed = np.array([info["progressed"] for info in infos])
    known = np.vstack([np.zeros(48, dtype=bool), progressed[:-1]])
    assert np.allclose(rewards, np.where(known, 0.0, steps / YEAR))
    assert progressed.any()


def test_quality_is_never_worth_more_than_survival_nor_control(brief):
    totals = {}
    for objective in OBJECTIVES:
        scenario = replace(brief(PROSTATE, 24, 0.05), reward=metaenv.Reward(objective=objective))
        totals[objective] = played(scenario, [2, 1])[0].sum(axis=0)
    assert (totals["quality"] < totals["survival"]).all()
    assert (totals["control"] <= totals["survival"] + 1e-12).all()


def test_the_objective_changes_no_course(brief, same):
    courses = []
    for objective in OBJECTIVES:
        scenario = replace(brief(PROSTATE, 12, 0.05), reward=metaenv.Reward(objective=objective))
        infos = played(scenario, None, visits=12)[1]
        courses.append([{name: info[name] for name in info if "reward/" not in name} for info in infos])
    same(courses[0], courses[1])
    same(courses[0], courses[2])


# ---- weights


@pytest.mark.parametrize("name", ["symptoms", "treatment", "toxicity", "procedure"])
def test_a_weight_scales_its_own_component(name, brief):
    def first(**weights):
        scenario = replace(with_procedures(brief(PROSTATE, 4, 0.0)), reward=metaenv.Reward(**weights))
        return components(played(scenario, [2, 2, 2], visits=2)[1][1 if name != "procedure" else 0])

    plain, light, none = first(), first(**{name: 0.5}), first(**{name: 0.0})
    assert (plain[name] < 0.0).any()
    assert np.allclose(light[name], 0.5 * plain[name])
    assert (none[name] == 0.0).all()
    for other in plain.keys() - {name}:
        assert np.allclose(light[other], plain[other])


def test_without_weights_quality_is_survival(brief):
    nothing = metaenv.Reward(symptoms=0.0, treatment=0.0, toxicity=0.0, procedure=0.0)
    rewards, infos = played(replace(brief(PROSTATE, 12), reward=nothing), [2, 2], visits=12)
    assert np.allclose(rewards.sum(axis=0), infos[-1]["day"] / YEAR)


def test_enormous_weights_never_make_death_better_than_life(brief):
    weights = metaenv.Reward(symptoms=1e6, treatment=1e6, toxicity=1e6, procedure=1e6)
    rewards, infos = played(replace(brief(PROSTATE, 12, 0.05), reward=weights), None, visits=12)
    assert (rewards >= 0.0).all()
    for reward, info in zip(rewards, infos, strict=True):
        assert np.allclose(sum(components(info).values()), reward, atol=1e-9)


def refuses(call, *words, error=ValueError):
    with pytest.raises(error) as caught:
        call()
    for word in words:
        assert word in str(caught.value), f"{word!r} is not in {str(caught.value)!r}"


def test_unknown_weights_and_objectives_raise_and_list_the_known():
    refuses(lambda: metaenv.Reward(objective="beauty"), "'beauty'", *OBJECTIVES)
    refuses(lambda: metaenv.Reward(symptoms="many"), "symptoms", "number", "'many'")
    refuses(lambda: metaenv.Reward(beauty=1.0), "beauty", error=TypeError)


@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["symptoms", "treatment", "toxicity", "procedure"])
def test_weights_that_are_negative_or_not_finite_raise(name, value):
    refuses(lambda: metaenv.Reward(**{name: value}), name, ">= 0", str(value))


# ---- each component moves with what it names


def test_each_thing_done_costs_its_own_component(brief):
    scenario = with_procedures(brief(PROSTATE, 4, 0.0))
    nothing = components(played(scenario, [0, 0, 0], visits=1)[1][0])
    assert (nothing["symptoms"] < 0.0).all()
    assert all((nothing[name] == 0.0).all() for name in ("treatment", "toxicity", "procedure"))
    half, full = (components(played(scenario, [level, 0, 0], visits=1)[1][0]) for level in (1, 2))
    assert np.allclose(full["treatment"], 2.0 * half["treatment"]) and (full["treatment"] < 0.0).all()
    assert (full["toxicity"] < half["toxicity"]).all()
    for procedure in (1, 2):
        info = played(scenario, [0, 0, procedure], visits=1)[1][0]
        done = info["procedure"] == procedure
        assert done.any()
        assert (components(info)["procedure"][done] < 0.0).all()
        assert (components(info)["procedure"][~done] == 0.0).all()


def test_a_larger_tumour_costs_more_symptoms(brief):
    _, infos = played(brief(PROSTATE, 20, 0.0), [0, 0], visits=20)
    first, last = (components(infos[k])["symptoms"] for k in (0, -1))
    grown = (infos[-1]["burden"] > 2.0 * infos[0]["burden"]) & (infos[-1]["cause"] == 0)  # others die of other things
    assert grown.mean() > 0.5 and (last < first)[grown].all()


def test_every_part_of_the_reward_is_what_the_formula_says(bench):
    """Two drugs, two toxicities, an organ that counts twice, neutropenia, a shrinking tumour, both procedures."""
    drugs = (bench.drug(name="one", kill=1e-12, disutility=0.02), bench.drug(name="two", kill=1e-12, disutility=0.07))
    kinds = (("a", 0.06), ("b", 0.2))
    procedures = {"radiation_alpha": 0.3, "radiation_beta": 0.03, "oxygen_enhancement": 3.0, "fraction_dose": 2.0}
    procedures |= {"fractions": 0, "courses": 1, "patient_courses": 1, "operations": 1}  # no dose: nothing is killed
    procedures |= dict.fromkeys(("course_mortality", "operation_mortality", "margin_risk", "margin_share"), 0.0)
    scenario = bench.scenario(
        cells=3e10,
        stochastic=False,
        drugs=drugs,
        toxicities=tuple(Toxicity(name=name, half_life=np.inf, disutility=lost) for name, lost in kinds),
        organs=(bench.organ(weight=2.0, operable=True),),
        symptom_disutility=0.5,
        symptom_burden=2e10,
        procedure_disutility=(0.002, 0.0005),
        sepsis_disutility=0.15,
        local_therapy=LocalTherapy(**procedures),
        host=Host(sepsis_level=0.5, sepsis_hazard=0.0),
    )
    trial = bench.Experiment(replace(scenario, local_therapy=True), 1, seed=0)
    state, report = trial.cohort.state, trial.cohort.report
    state.toxicity[0], state.neutrophils[:] = (0.1, 0.4), 0.3
    state.proliferating[0, 0, 0] = 1e10  # the first visit saw 3e10
    trial.spend(10.0, 0.5, 1.0, 2.0)
    years, low = 10.0 / YEAR, state.host["neutropenia"][0] / 10.0
    assert low > 0.1
    symptoms = 0.5 * 0.5 * (6e10 / (6e10 + 2e10) + 2e10 / (2e10 + 2e10))
    toxicity = 0.06 * 0.1 + 0.2 * 0.4 + 0.15 * FEBRILE_SHARE * low
    expected = [years, -years * symptoms, -years * (0.5 * 0.02 + 0.07), -years * toxicity, -0.0005]
    assert report.components[0] == pytest.approx(expected, rel=1e-6)
    trial.spend(10.0, 0.0, 0.0, 1.0)
    assert report.components[0, 4] == pytest.approx(-0.002)
