"""Scans, blood and the truth beside them: each number is the one that the state or the law gives."""

import numpy as np
import pytest

import metaenv
from metaenv.diseases.disease import Progression


def response_of(trial):
    return metaenv.RESPONSES[trial.cohort.chart.note["response"][0]]


def test_readers_and_assays_scatter_by_their_coefficients_of_variation(bench):
    trial = bench.experiment(cells=1e10, size=2_000, sensors={"diameter_noise": 0.07, "marker_noise": 0.2})
    chart = trial.cohort.chart
    assert np.log(chart.diameter[:, 0]).std() == pytest.approx(0.07, rel=0.08)
    assert np.log(chart.note["marker"]).std() == pytest.approx(0.2, rel=0.08)


def test_allele_fractions_count_every_clone_that_carries_the_trait_and_are_marked_where_no_dna_is_found(bench):
    traits = (bench.trait(name="a"), bench.trait(name="b"))
    sensors = {"allele_depth": 1e8}
    trial = bench.experiment(size=1, cells=1e13, death=0.1, traits=traits, sensors=sensors, substep=0.01)
    state, cohort = trial.cohort.state, trial.cohort
    state.proliferating[0, 0] = [6e12, 1e12, 0.0, 3e12]  # none, a, b, both
    trial.spend(0.01)
    assert cohort.chart.alleles[0] == pytest.approx([0.4, 0.3], abs=0.01)
    seen = cohort.report.observation[0]
    assert seen[cohort.layout.allele_fraction] == pytest.approx(cohort.chart.alleles[0], rel=1e-6)
    assert seen[cohort.layout.allele_measured] == 1.0
    state.proliferating[:] = 0.0
    trial.spend(0.01)
    trial.spend(0.01)
    assert cohort.report.observation[0][cohort.layout.allele_measured] == 0.0


def test_a_slot_that_is_filled_again_is_a_new_lesion_once(bench):
    trial = bench.experiment(size=1, stochastic=False, lesions=2, cells=1e10)
    trial.spend(1.0)
    assert response_of(trial) == "SD"
    trial.cohort.state.lineage[0, 0] = 7  # the old lesion has vanished, another has settled in its slot
    trial.spend(1.0)
    assert response_of(trial) == "PD" and not trial.cohort.chart.target[0, 0]
    trial.spend(1.0)
    assert not trial.cohort.chart.note["new_lesion"][0]


def test_new_lesions_that_cannot_be_measured_are_news_at_one_scan_only(bench):
    progression = Progression(by="recist", new_unmeasurable=2)
    organs = (bench.organ(measurable=False),)
    trial = bench.experiment(size=1, stochastic=False, lesions=4, cells=1e10, organs=organs, progression=progression)
    state = trial.cohort.state
    state.organ[0, 1:3], state.proliferating[0, 1:3, 0], state.capacity[0, 1:3] = 0, 1e10, 1e30
    news = []
    for _ in range(2):
        trial.spend(1.0)
        news.append(bool(trial.cohort.chart.note["new_lesion"][0]))
    assert news == [True, False]


def test_the_truth_counts_all_cells_of_what_is_visible_and_the_traits_of_single_cells(bench):
    sensors = {"detection_cells": 63e6}
    trial = bench.experiment(size=1, stochastic=False, lesions=3, sensors=sensors, traits=(bench.trait(),))
    state = trial.cohort.state
    state.organ[0], state.capacity[0] = 0, 1e30
    state.proliferating[0] = [[1e6, 0.0], [1e9, 0.0], [2e6, 0.0]]
    state.dormant[0, 1, 0] = 5e8
    state.disseminated_cells[0, 0, 1] = 1e6
    trial.spend(1.0)
    truth = trial.cohort.report.truth[0]
    assert (truth.visible_burden, truth.visible_lesions, truth.lesions) == (1.5e9, 1, 3)
    assert trial.cohort.report.resistant[0, 0] == pytest.approx(1e6 / 1.504e9)
