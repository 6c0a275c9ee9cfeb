"""RECIST 1.1 and progression, on charts written by hand."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import metaenv
from metaenv.clinic.chart import allocate_chart
from metaenv.clinic.response import assess, assess_baseline
from metaenv.dynamics.compile import compiled
from metaenv.scenario.clinic_settings import build_clinic
from metaenv.scenario.variation import vary

NODE, BONE = 1, 0
RESISTANT = -1  # the clone that carries every trait


@compiled
def conclude_baseline(chart, clinic):
    assess_baseline(chart, clinic, 0)


@compiled
def conclude(chart, clinic, day):
    assess(chart, clinic, 0, day)


def clinic_with(measurable=True, **progression):
    """The clinic of prostate cancer; `measurable` is of bone."""
    scenario = metaenv.make_scenario("prostate")
    progression = replace(scenario.disease.progression, **progression)
    return build_clinic(
        vary(
            replace(scenario, disease=replace(scenario.disease, progression=progression)),
            {"organs.bone.measurable": measurable},
        )
    )


class Patient:
    """A chart with a course of scans and blood."""

    def __init__(self, diameters, organs=None, marker=10.0, **progression):
        self.chart = allocate_chart(1, 8, 5, 3, 2)
        self.clinic = clinic_with(**progression)
        self.note = self.chart.note[0]
        self.chart.site[0, : len(diameters)] = organs if organs is not None else np.arange(len(diameters)) % 5
        self._read(diameters)
        self.note.marker = marker
        conclude_baseline(self.chart, self.clinic)

    def _read(self, diameters):
        self.chart.diameter[0] = 0.0
        self.chart.diameter[0, : len(diameters)] = diameters
        self.chart.seen[0] = np.bincount(self.chart.site[0], self.chart.diameter[0] > 0.0, minlength=5)

    def visit(self, day, diameters=None, marker=None, new=False):
        """(response, progressed, day of progression) after a visit, with a scan where there are diameters."""
        self.note.scanned = diameters is not None
        if diameters is not None:
            self._read(diameters)
            self.note.new_lesion = new
        if marker is not None:
            self.note.marker = marker
        conclude(self.chart, self.clinic, float(day))
        return SimpleNamespace(
            response=metaenv.RESPONSES[self.note.response],
            progressed=bool(self.note.progressed),
            day=float(self.note.progression_day),
        )

    @property
    def targets(self):
        return np.flatnonzero(self.chart.target[0]).tolist()


# ---- targets


@pytest.mark.nojit
def test_targets_are_the_largest_measurable_lesions():
    assert Patient([9.9, 10.0, 30.0, 0.0]).targets == [1, 2]


@pytest.mark.nojit
def test_at_most_two_targets_in_an_organ():
    assert Patient([30.0, 20.0, 40.0, 11.0], organs=[BONE, BONE, BONE, NODE]).targets == [0, 2, 3]


@pytest.mark.nojit
def test_at_most_five_targets():
    diameters = [20.0, 21.0, 22.0, 23.0, 24.0, 25.0, 26.0]
    assert Patient(diameters, organs=[0, 1, 2, 3, 4, 0, 1]).targets == [2, 3, 4, 5, 6]


@pytest.mark.nojit
def test_all_seen_lesions_are_followed_where_none_is_measurable():
    assert Patient([6.0, 0.0, 9.0]).targets == [0, 2]


@pytest.mark.nojit
def test_lesions_of_bone_are_no_targets_where_bone_is_not_measurable():
    organs = [BONE, BONE, NODE]
    assert Patient([40.0, 30.0, 20.0], organs=organs, measurable=False).targets == [2]
    assert Patient([40.0, 30.0, 6.0], organs=organs, measurable=False).targets == [2]
    assert Patient([40.0, 30.0], organs=organs[:2], measurable=False).targets == []
    assert Patient([40.0, 30.0], organs=organs[:2], measurable=False).visit(84, [80.0, 60.0]).response == "SD"


# ---- response


@pytest.mark.nojit
@pytest.mark.parametrize(
    ("diameters", "response"),
    [
        ([40.0, 60.0], "SD"),
        ([28.0, 42.5], "SD"),  # -29.5 %
        ([28.0, 42.0], "PR"),  # -30 %
        ([0.0, 1.0], "PR"),
        ([0.0, 0.0], "CR"),
        ([48.0, 71.9], "SD"),  # +19.9 %
        ([48.0, 72.0], "PD"),  # +20 %
    ],
)
def test_response_by_the_sum_of_diameters(diameters, response):
    assert Patient([40.0, 60.0]).visit(84, diameters).response == response


@pytest.mark.nojit
def test_growth_counts_from_the_smallest_sum():
    patient = Patient([40.0, 60.0])
    assert patient.visit(84, [20.0, 30.0]).response == "PR"
    assert patient.visit(168, [24.0, 35.5]).response == "PR"  # +19 % over the smallest
    assert patient.visit(252, [24.0, 36.0]).response == "PD"  # +20 %, though 40 % below baseline
    assert patient.visit(336, [0.0, 0.0]).response == "CR"
    assert patient.visit(420, [6.0, 0.0]).response == "PD"


@pytest.mark.nojit
def test_twenty_percent_of_little_is_no_progression():
    patient = Patient([12.0])
    assert patient.visit(84, [16.9]).response == "SD"  # +41 %, but less than 5 mm
    assert patient.visit(168, [17.0]).response == "PD"


@pytest.mark.nojit
def test_a_new_lesion_is_progression_whatever_the_targets_do():
    patient = Patient([40.0, 60.0])
    assert patient.visit(84, [0.0, 0.0], new=True).response == "PD"


@pytest.mark.nojit
def test_a_complete_response_needs_every_lesion_gone():
    patient = Patient([40.0, 6.0])
    assert patient.targets == [0]
    assert patient.visit(84, [0.0, 6.0]).response == "PR"
    assert patient.visit(168, [0.0, 0.0]).response == "CR"


@pytest.mark.nojit
def test_response_stays_until_the_next_scan():
    patient = Patient([40.0, 60.0])
    patient.visit(84, [20.0, 30.0])
    assert patient.visit(112).response == "PR"
    assert patient.visit(140).response == "PR"


@pytest.mark.nojit
def test_response_needs_a_lesion_at_baseline():
    assert Patient([]).visit(84, []).response == "SD"


# ---- progression

CONFIRMED = {"by": "marker", "factor": 1.2, "reference": "baseline", "confirmation": 56.0}


@pytest.mark.nojit
def test_marker_progression_is_confirmed_and_dated_to_its_first_sight():
    patient = Patient([], marker=10.0, **CONFIRMED)
    assert not patient.visit(28, marker=12.0).progressed  # not above 1.2
    assert not patient.visit(56, marker=12.1).progressed
    assert not patient.visit(84, marker=13.0).progressed
    seen = patient.visit(112, marker=13.0)
    assert seen.progressed and seen.day == 56.0


@pytest.mark.nojit
def test_a_single_lower_value_starts_confirmation_again():
    patient = Patient([], marker=10.0, **CONFIRMED)
    patient.visit(28, marker=13.0)
    patient.visit(56, marker=13.0)
    patient.visit(84, marker=11.9)
    assert not patient.visit(112, marker=13.0).progressed
    assert not patient.visit(140, marker=13.0).progressed
    assert patient.visit(168, marker=13.0).day == 112.0


@pytest.mark.nojit
def test_progression_is_recorded_once():
    patient = Patient([], marker=10.0, by="marker", factor=1.2, reference="baseline", confirmation=0.0)
    assert patient.visit(28, marker=13.0).day == 28.0
    assert patient.visit(56, marker=1.0).day == 28.0
    after = patient.visit(84, marker=50.0)
    assert after.progressed and after.day == 28.0


@pytest.mark.nojit
def test_nadir_is_the_smallest_marker_before_this_visit():
    patient = Patient([], marker=10.0, by="marker", factor=1.5, reference="nadir", confirmation=0.0)
    assert not patient.visit(28, marker=4.0).progressed
    assert not patient.visit(56, marker=6.0).progressed
    assert patient.visit(84, marker=6.1).progressed


@pytest.mark.nojit
def test_baseline_reference_ignores_the_nadir():
    patient = Patient([], marker=10.0, by="marker", factor=1.2, reference="baseline", confirmation=0.0)
    assert not patient.visit(28, marker=1.0).progressed
    assert not patient.visit(56, marker=12.0).progressed
    assert patient.visit(84, marker=12.01).progressed


@pytest.mark.nojit
def test_scans_count_where_progression_is_by_recist_and_the_marker_does_not():
    patient = Patient([40.0], marker=10.0, by="recist", confirmation=0.0)
    assert not patient.visit(28, marker=1000.0).progressed
    assert not patient.visit(84, [44.0]).progressed
    assert patient.visit(168, [48.0]).day == 168.0


@pytest.mark.nojit
def test_scans_do_not_count_where_progression_is_by_the_marker():
    patient = Patient([40.0], marker=10.0, **CONFIRMED)
    assert patient.visit(84, [80.0]).response == "PD"
    assert not patient.visit(168, [90.0]).progressed


# ---- in the environment


@pytest.mark.parametrize(
    ("organ", "number", "response"), [(NODE, 1, "PD"), (BONE, 1, "not PD"), (BONE, 2, "PD"), (BONE, 3, "PD")]
)
def test_one_new_lesion_is_progressive_disease_but_in_bone_two(organ, number, response):
    """As COU-AA-302 counted them (Morris2015)."""
    env = metaenv.MetastasisEnv()
    env.reset(seed=0)
    state = env.cohort.state
    for _ in range(2):
        env.step([2, 2])
    assert metaenv.RESPONSES[env.step([2, 2])[-1]["response"]] != "PD"  # day 84, a scan
    for slot in np.flatnonzero(state.organ[0] < 0)[:number]:
        state.organ[0, slot], state.proliferating[0, slot, RESISTANT] = organ, 1e9
        state.capacity[0, slot], state.vascular[0, slot], state.niche_open[0, slot] = 1e11, True, True
    for _ in range(3):
        observation, *_, info = env.step([2, 2])
    assert observation[env.layout.scan_measured][0] == 1.0
    assert (metaenv.RESPONSES[info["response"]] == "PD") == (response == "PD")


def test_new_lesions_of_bone_are_counted_over_scans():
    env = metaenv.MetastasisEnv()
    env.reset(seed=0)
    state, responses = env.cohort.state, []
    for _ in range(2):
        slot = np.flatnonzero(state.organ[0] < 0)[0]
        state.organ[0, slot], state.proliferating[0, slot, RESISTANT] = BONE, 1e9
        state.capacity[0, slot], state.vascular[0, slot], state.niche_open[0, slot] = 1e11, True, True
        for _ in range(3):
            *_, info = env.step([2, 2])
        responses.append(metaenv.RESPONSES[info["response"]])
    assert responses[0] != "PD" and responses[1] == "PD"


@pytest.mark.parametrize("reference", ["baseline", "nadir"])
def test_recorded_progression_agrees_with_the_recorded_marker(reference, brief):
    scenario = brief("metaenv/Prostate-v1", 30)
    progression = replace(scenario.disease.progression, reference=reference)
    scenario = replace(scenario, disease=replace(scenario.disease, progression=progression))
    env = metaenv.MetastasisVectorEnv(32, scenario=scenario, autoreset_mode="Disabled")
    _, infos = env.reset(seed=0)
    nadir, first = infos["marker"].copy(), np.full(32, -1.0)
    threshold = 1.2 * nadir
    since, over = np.full(32, -1.0), np.zeros(32, dtype=bool)
    for _ in range(30):
        _, _, terminated, truncated, infos = env.step(np.tile([2, 0], (32, 1)))
        if reference == "nadir":
            threshold = 1.2 * nadir
        nadir = np.minimum(nadir, infos["marker"])
        above = infos["marker"] > threshold
        since = np.where(above, np.where(since < 0.0, infos["day"], since), -1.0)
        confirmed = ~over & (first < 0.0) & above & (infos["day"] - since >= 56.0 - 1e-9)
        first[confirmed] = since[confirmed]
        assert (infos["progression_day"] == first)[~over].all()
        over = terminated | truncated
    assert (first >= 0.0).any() and ((first < 0.0).any() or reference == "nadir")


def test_strobl_ends_at_the_first_day_above_the_threshold():
    env = metaenv.MetastasisEnv("strobl2021")
    _, info = env.reset(seed=3)
    baseline, over = info["marker"], False
    while not over:
        *_, over, truncated, info = env.step([0])
        assert over == (info["marker"] > 1.2 * baseline) and not truncated
        assert info["progressed"] == over and info["cause"] == 0
    assert info["progression_day"] == info["day"]


def test_progression_ends_the_episode_only_where_the_scenario_says_so(brief):
    for ends in (False, True):
        scenario = brief("metaenv/Prostate-v1", 20, 0.0)
        progression = replace(scenario.disease.progression, ends_episode=ends)
        scenario = replace(scenario, disease=replace(scenario.disease, progression=progression))
        env = metaenv.MetastasisEnv(scenario=scenario)
        env.reset(seed=1)
        over = False
        while not over:
            *_, terminated, truncated, info = env.step([0, 0])
            over = terminated or truncated
            assert terminated == (ends and info["progressed"])
        assert info["progressed"]
