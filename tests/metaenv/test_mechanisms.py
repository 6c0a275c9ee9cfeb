"""Every mechanism and every drug visibly moves what it claims to move: the same 128 patients, with it and without.

Patients are paired by seed and id, so that most differences are seen in nearly every patient.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import metaenv
from metaenv.clinic.codes import RADIOTHERAPY, RESECTION
from metaenv.distribution import Fixed, Normal
from metaenv.scenario.variation import vary

SIZE = 128
YEAR = 13  # visits of 28 days
NONE, ABIRATERONE, DOCETAXEL, BOTH = (0, 0), (2, 0), (0, 2), (2, 2)
TRAITS = {"efflux": 0, "target_mutation": 1, "bypass": 2}


@cache
def course(action, without=(), visits=YEAR):
    """Infos of a year's visits under a fixed prescription; [0] is the start."""
    return course_of(metaenv.make_scenario("prostate", without=without), action, visits)


def course_of(scenario, action, visits=YEAR):
    env = metaenv.MetastasisVectorEnv(SIZE, scenario=scenario, autoreset_mode="Disabled")
    infos = [env.reset(seed=[0] * SIZE, options={"patient": np.arange(SIZE)})[1]]
    infos += [env.step(np.tile(action, (SIZE, 1)))[-1] for _ in range(visits)]
    return infos


def pair(action, mechanism):
    return course(action), course(action, (mechanism,))


def sensitive(info):
    """Cells without a trait; a cell with several is counted off more than once."""
    return info["burden"] * np.maximum(0.0, 1.0 - info["resistant_fraction"].sum(axis=1))


def log_mean(values):
    return np.log10(np.maximum(values, 1.0)).mean()


def seeding_pair(mechanism):
    """Untreated, with and without a mechanism, where lesions shed ten times as many founders as the preset's."""
    scenarios = (metaenv.make_scenario("prostate", without=without) for without in ((), (mechanism,)))
    return tuple(course_of(vary(each, {"rates.seeding.median": 1e-12}), NONE) for each in scenarios)


def test_every_mechanism_is_tested_here():
    tested = {name.removeprefix("test_without_").split("__")[0] for name in globals() if "test_without_" in name}
    assert tested == set(metaenv.MECHANISMS)


@pytest.mark.parametrize("mechanism", metaenv.MECHANISMS)
def test_every_mechanism_changes_the_course_under_treatment(mechanism):
    full, reduced = pair(BOTH, mechanism)
    assert (full[YEAR]["burden"] != reduced[YEAR]["burden"]).mean() > 0.95


def test_without_dissemination__no_lesion_is_added():
    full, reduced = seeding_pair("dissemination")
    start = reduced[0]["lesions"]
    assert all((info["lesions"] <= start).all() and (info["overflow"] == 0).all() for info in reduced)
    assert (full[YEAR]["lesions"] > full[0]["lesions"]).mean() > 0.8
    assert (full[0]["lesions"] > start).mean() > 0.9  # micrometastases
    assert (full[0]["burden"] >= reduced[0]["burden"]).all()


def test_without_dissemination__little_is_hidden_from_the_first_scan():
    full, reduced = pair(BOTH, "dissemination")
    hidden = [(info["lesions"] - info["visible_lesions"])[info["cause"] == 0].mean() for info in (full[0], reduced[0])]
    assert hidden[0] > 8.0 and hidden[1] < 1.0


def test_without_heterogeneity__no_mutant_exists_and_abiraterone_goes_on_working():
    full, reduced = pair(ABIRATERONE, "heterogeneity")
    for info in reduced:
        assert (info["resistant_fraction"][:, [TRAITS["target_mutation"], TRAITS["bypass"]]] == 0.0).all()
    assert (full[YEAR]["resistant_fraction"].max(axis=1) > 0.1).mean() > 0.5
    assert log_mean(reduced[YEAR]["burden"]) < log_mean(full[YEAR]["burden"]) - 0.3


def test_without_heterogeneity__every_soil_is_alike(bench):
    grown = []
    for mechanisms in ((), ("heterogeneity",)):
        organs = (bench.organ(soil=0.5),)
        trial = bench.experiment(size=1, stochastic=False, birth=0.05, mechanisms=mechanisms, organs=organs)
        trial.spend(10.0)
        grown.append(np.log(trial.burden[0] / 1e9))
    assert grown == pytest.approx([0.5, 0.25], rel=1e-3)


def test_without_efflux__docetaxel_works_longer():
    trait = TRAITS["efflux"]
    for action in (DOCETAXEL, BOTH):
        full, reduced = pair(action, "efflux")
        assert all((info["resistant_fraction"][:, trait] == 0.0).all() for info in reduced)
        assert full[YEAR]["resistant_fraction"][:, trait].mean() > 0.05
        assert (reduced[8]["burden"] < full[8]["burden"]).mean() > 0.9
        assert log_mean(reduced[8]["burden"]) < log_mean(full[8]["burden"]) - 0.03


def test_without_efflux__abiraterone_works_as_before():
    full, reduced = pair(ABIRATERONE, "efflux")  # abiraterone is no substrate of the pump
    assert abs(log_mean(reduced[YEAR]["burden"]) - log_mean(full[YEAR]["burden"])) < 0.02


def test_efflux_is_induced_by_docetaxel_and_fades_without_it():
    """Reversible, in patients who are not resistant from the start: six months with the drug, then six without."""
    changes = {"traits.efflux.reversion": 0.005, "traits.efflux.log_fraction": Normal(-3.3, 0.6)}
    scenario = vary(metaenv.make_scenario("prostate", without=("dissemination",)), changes)
    env = metaenv.MetastasisVectorEnv(SIZE, scenario=scenario, autoreset_mode="Disabled")
    env.reset(seed=[0] * SIZE, options={"patient": np.arange(SIZE)})
    fractions = []
    for visit in range(14):
        action = DOCETAXEL if visit < 7 else NONE
        fractions.append(env.step(np.tile(action, (SIZE, 1)))[-1]["resistant_fraction"][:, TRAITS["efflux"]].mean())
    assert fractions[6] > 10.0 * fractions[0]
    assert fractions[13] < 0.8 * max(fractions)


def test_efflux_that_never_fades_is_induced_as_well_and_stays():
    shares = []
    for reversion in (0.0, 1e-9, 0.005):
        scenario = vary(metaenv.make_scenario("prostate"), {"traits.efflux.reversion": reversion})
        env = metaenv.MetastasisVectorEnv(SIZE, scenario=scenario, autoreset_mode="Disabled")
        env.reset(seed=[0] * SIZE, options={"patient": np.arange(SIZE)})
        for _ in range(6):
            info = env.step(np.tile(DOCETAXEL, (SIZE, 1)))[-1]
        shares.append(info["resistant_fraction"][:, TRAITS["efflux"]].mean())
    assert shares[0] == pytest.approx(shares[1], rel=0.1) and shares[0] > shares[2]


def test_drugs_put_cells_to_sleep_where_none_does_so_by_itself():
    scenario = vary(metaenv.make_scenario("prostate"), {"rates.dormancy_entry": Fixed(0.0)})
    asleep = {}
    for name, chosen in (("with", scenario), ("without", scenario.without("dormancy"))):
        env = metaenv.MetastasisVectorEnv(SIZE, scenario=chosen, autoreset_mode="Disabled")
        env.reset(seed=[0] * SIZE, options={"patient": np.arange(SIZE)})
        for _ in range(6):
            info = env.step(np.tile(ABIRATERONE, (SIZE, 1)))[-1]
        asleep[name] = info["dormant"].mean()
    assert asleep["with"] > 1e6 and asleep["without"] == 0.0


@pytest.mark.parametrize("mechanism", ["target_mutation", "bypass"])
def test_traits_that_are_off_do_not_exist(mechanism):
    for action in (ABIRATERONE, BOTH):
        assert all(
            (info["resistant_fraction"][:, TRAITS[mechanism]] == 0.0).all() for info in pair(action, mechanism)[1]
        )


def test_without_target_mutation__abiraterone_works_longer():
    full, reduced = pair(ABIRATERONE, "target_mutation")
    assert full[YEAR]["resistant_fraction"][:, TRAITS["target_mutation"]].mean() > 0.3
    assert (reduced[YEAR]["burden"] < full[YEAR]["burden"]).mean() > 0.9
    assert log_mean(reduced[YEAR]["burden"]) < log_mean(full[YEAR]["burden"]) - 0.2


def test_without_bypass__abiraterone_works_longer():
    full, reduced = pair(ABIRATERONE, "bypass")
    assert full[YEAR]["resistant_fraction"][:, TRAITS["bypass"]].mean() > 0.02
    assert (reduced[YEAR]["burden"] < full[YEAR]["burden"]).mean() > 0.85


@pytest.mark.parametrize("action", [ABIRATERONE, DOCETAXEL, BOTH], ids=["abiraterone", "docetaxel", "both"])
def test_without_stroma__drugs_kill_more(action):
    full, reduced = pair(action, "stroma")
    assert (reduced[2]["burden"] < full[2]["burden"]).mean() > 0.95  # before what resists takes over
    assert (sensitive(reduced[3]) < sensitive(full[3])).mean() > 0.95


@pytest.mark.parametrize("action", [ABIRATERONE, DOCETAXEL, BOTH], ids=["abiraterone", "docetaxel", "both"])
def test_without_hypoxia__drugs_kill_more(action):
    full, reduced = pair(action, "hypoxia")
    assert (reduced[2]["burden"] < full[2]["burden"]).mean() > 0.95
    assert (sensitive(reduced[3]) < sensitive(full[3])).mean() > 0.95


def test_without_stroma__nothing_changes_while_no_drug_is_given():
    full, reduced = pair(NONE, "stroma")
    assert all((one["burden"] == other["burden"]).all() for one, other in zip(full, reduced, strict=True))


def test_without_dormancy__nothing_sleeps_and_treatment_reaches_deeper():
    full, reduced = pair(BOTH, "dormancy")
    assert all((info["dormant"] == 0.0).all() for info in reduced)
    assert all((info["dormant"] > 0.0).mean() > 0.95 for info in full)
    assert (reduced[3]["burden"] < full[3]["burden"]).mean() > 0.95  # before what resists takes over
    assert log_mean(reduced[4]["burden"]) < log_mean(full[4]["burden"]) - 0.3


@pytest.mark.xfail(reason="0.945: what resists has taken over in a few", raises=AssertionError)
def test_treatment_reaches_deeper_in_nearly_everybody_who_has_no_dormancy_at_the_fifth_visit_too():
    full, reduced = pair(BOTH, "dormancy")
    assert (reduced[4]["burden"] < full[4]["burden"]).mean() > 0.95


def test_dormant_cells_survive_what_kills_dividing_ones():
    start, later = course(BOTH)[0], course(BOTH)[4]
    share = [(info["dormant"] / info["burden"])[later["burden"] > 0.0].mean() for info in (start, later)]
    assert share[1] > 3.0 * share[0]


def test_without_immune__more_small_lesions_live():
    full, reduced = seeding_pair("immune")
    assert (reduced[YEAR]["lesions"] > full[YEAR]["lesions"]).mean() > 0.4
    assert (reduced[YEAR]["lesions"] < full[YEAR]["lesions"]).mean() < 0.1
    assert reduced[YEAR]["lesions"].mean() > full[YEAR]["lesions"].mean() + 1.0


# ---- drugs


def test_abiraterone_lowers_the_marker_and_the_burden():
    untreated, treated = course(NONE), course(ABIRATERONE)
    assert (treated[3]["marker"] < 0.8 * treated[0]["marker"]).mean() > 0.8
    assert (treated[3]["marker"] < untreated[3]["marker"]).mean() > 0.98
    assert (treated[3]["burden"] < untreated[3]["burden"]).mean() > 0.98


def test_abiraterone_raises_its_own_toxicity_alone_and_spares_the_marrow():
    untreated, treated = course(NONE), course(ABIRATERONE)
    rise = treated[6]["toxicity"] - untreated[6]["toxicity"]
    alive = treated[6]["cause"] == 0
    assert (rise[alive, 0] > 0.1).all() and (rise[:, 1:] == 0.0).all()
    assert np.allclose(treated[6]["neutrophils"][alive], treated[0]["neutrophils"][alive], rtol=0.01)


def test_docetaxel_lowers_neutrophils_kills_and_raises_its_toxicities():
    untreated, treated = course(NONE), course(DOCETAXEL)
    assert (treated[1]["neutrophils"] < 0.9 * untreated[1]["neutrophils"]).mean() > 0.9
    assert (treated[3]["burden"] < untreated[3]["burden"]).mean() > 0.98
    assert (treated[3]["marker"] < untreated[3]["marker"]).mean() > 0.98
    rise = treated[3]["toxicity"] - untreated[3]["toxicity"]
    assert (rise[:, 0] == 0.0).all() and (rise[:, 1:] > 0.0).all() and (rise[:, 1:] > 0.1).mean() > 0.5


@pytest.mark.parametrize("drug", [0, 1])
def test_a_full_dose_does_more_than_half_and_half_more_than_none(drug):
    doses = [tuple(level * (k == drug) for k in range(2)) for level in (0, 1, 2)]
    none, half, full = (course(dose)[2] for dose in doses)
    assert (half["burden"] < none["burden"]).mean() > 0.95
    assert (full["burden"] < half["burden"]).mean() > 0.95
    alive = (half["cause"] == 0) & (full["cause"] == 0) & (full["held"] == 0.0).all(axis=1)
    assert np.allclose(full["dose_given"][alive, drug], 2.0 * half["dose_given"][alive, drug])


def test_two_drugs_kill_more_than_one():
    both = course(BOTH)[3]["burden"]
    assert (both < course(ABIRATERONE)[3]["burden"]).mean() > 0.98
    assert (both < course(DOCETAXEL)[3]["burden"]).mean() > 0.98


def test_cumulative_toxicity_holds_docetaxel_and_the_chart_says_so():
    """Where the number of cycles has no limit."""
    infos = course_of(vary(metaenv.make_scenario("prostate"), {"drugs.docetaxel.most_cycles": 0}), BOTH)
    held = np.array([info["held"][:, 1] for info in infos])
    given = np.array([info["dose_given"][:, 1] for info in infos])
    score = np.array([info["toxicity"].max(axis=1) for info in infos])
    masks = np.array([info["action_mask"] for info in infos])
    forbidden = np.array([(info["toxicity"][:, 1:] >= 1.0).any(axis=1) for info in infos])
    alive = np.array([info["cause"] == 0 for info in infos])
    assert held.any(axis=0).mean() > 0.5
    far_above = np.array(
        [(info["toxicity"][:, 1:] >= 1.2).any(axis=1) for info in infos]
    )  # will not recover by the next
    assert far_above.any()
    assert (given[1:][far_above[:-1] & alive[1:]] == 0.0).all()
    assert (held[1:][far_above[:-1] & alive[1:]] == 1.0).all()
    assert (masks[:, :, 4:6].any(axis=2) == ~forbidden)[alive].all()
    assert np.quantile(score[:, alive[-1]].max(axis=0), 0.99) < 1.5
    assert all((info["dose_prescribed"][:, 1] == 1.0)[info["cause"] == 0].all() for info in infos[1:])


# ---- local therapy


def of_every_lesion():
    """Prostate cancer with local therapy, however many lesions are seen."""
    return vary(metaenv.make_scenario("prostate", local_therapy=True), {"local_therapy.most_lesions": 1000})


def treated_locally(procedure, **changes):
    """Cells per lesion before and after a procedure of some patients, in a visit so short that nothing grows."""
    scenario = replace(of_every_lesion(), stochastic=False, visit_interval=1e-4, horizon=1.0, **changes)
    env = metaenv.MetastasisVectorEnv(32, scenario=scenario, autoreset_mode="Disabled")
    env.reset(seed=0)
    state = env.cohort.state
    seen = env.cohort.chart.diameter.copy()
    organ = state.organ.copy()
    cells = [(state.proliferating + state.dormant).sum(axis=2)]
    allowed = env.action_masks()[:, 6 + procedure]
    infos = env.step(np.tile([0, 0, procedure], (32, 1)))[-1]
    cells.append((state.proliferating + state.dormant).sum(axis=2))
    return env, seen, organ, allowed, infos, cells


@pytest.mark.parametrize("procedure", [RESECTION, RADIOTHERAPY])
def test_local_therapy_acts_on_the_largest_eligible_lesion_and_no_other(procedure):
    env, seen, organ, allowed, infos, (before, after) = treated_locally(procedure)
    operable = np.array([organ.operable for organ in env.scenario.disease.organs])
    eligible = (seen > 0.0) & ((procedure == RADIOTHERAPY) | operable[organ])
    hit = after < 0.9 * before
    assert (allowed == eligible.any(axis=1)).all() and allowed.mean() > 0.5
    assert (hit.sum(axis=1) == allowed).all()
    assert ((infos["procedure"] == procedure) == allowed).all()
    target = np.where(eligible, seen, -1.0).argmax(axis=1)
    assert hit[np.flatnonzero(allowed), target[allowed]].all()
    assert np.allclose(after[~hit], before[~hit], rtol=1e-4)


def test_radiotherapy_leaves_some_cells_and_resection_hardly_any():
    _, _, _, _, _, (before, after) = treated_locally(RADIOTHERAPY)
    hit = after < 0.9 * before
    left = (after[hit] / before[hit]).mean()
    assert 1e-12 < left < 0.05
    *_, (before, after) = treated_locally(RESECTION)
    hit = after < 0.9 * before
    assert (after[hit] <= 1.1e-4 * before[hit]).all()


def test_hypoxia_protects_from_radiation():
    left = []
    for without in (("hypoxia",), ()):
        mechanisms = metaenv.make_scenario("prostate").without(without).mechanisms
        *_, (before, after) = treated_locally(RADIOTHERAPY, mechanisms=mechanisms)
        hit = after < 0.9 * before
        left.append((after[hit] / before[hit]).mean())
    assert left[1] > 3.0 * left[0]


def test_removing_one_lesion_leaves_systemic_disease():
    env = metaenv.MetastasisVectorEnv(64, scenario=of_every_lesion(), autoreset_mode="Disabled")
    env.reset(seed=0)
    operated = np.zeros(64, dtype=bool)
    for _ in range(6):
        infos = env.step(np.tile([0, 0, RESECTION], (64, 1)))[-1]
        operated |= infos["procedure"] == RESECTION
    assert operated.mean() > 0.5
    assert (infos["cured"] == 0).all() and (infos["lesions"] > 1).all()


def test_local_therapy_is_bounded_by_what_the_body_bears():
    env = metaenv.MetastasisVectorEnv(32, scenario=of_every_lesion(), autoreset_mode="Disabled")
    env.reset(seed=0)
    done = np.zeros(32)
    for _ in range(12):
        before = env.action_masks()[:, 6 + RADIOTHERAPY]
        infos = env.step(np.tile([0, 0, RADIOTHERAPY], (32, 1)))[-1]
        alive = infos["cause"] == 0
        assert ((infos["procedure"] == RADIOTHERAPY) == before)[alive].all()
        done += (infos["procedure"] == RADIOTHERAPY) & alive
    assert done.max() <= env.scenario.disease.local_therapy.patient_courses
