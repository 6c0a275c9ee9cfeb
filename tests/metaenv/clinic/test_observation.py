"""What an observation holds of the chart and of the true state, read back in the units of the table."""

from dataclasses import replace

import numpy as np
import pytest

import metaenv


def quantities(env):
    """What each part stands for, (patient, …) in the unit of the table, from the chart and the state."""
    state, chart = env.cohort.state, env.cohort.chart
    note, here = chart.note, state.organ >= 0
    most = np.array([drug.most_cycles for drug in env.scenario.drugs])
    return {
        "marker": np.maximum(1e-4, note["marker"]),
        "marker_ratio": np.minimum(10.0, note["marker"] / note["baseline_marker"]),
        "marker_measured": note["sampled"],
        "scan_measured": note["scanned"],
        "scan_age": state.host["day"] - note["scan_day"],
        "diameters": chart.diameters,
        "visible": chart.seen,
        "response": note["response"][:, None] == np.arange(len(metaenv.RESPONSES)),
        "allele_fraction": chart.alleles,
        "allele_measured": note["sequenced"],
        "neutrophils": state.neutrophils[:, -1],
        "toxicity": np.minimum(4.0, np.floor(3.0 * state.toxicity + 1e-9)),
        "dose_given": np.minimum(4.0, chart.dose_given),
        "held": chart.held,
        "cycles": np.where(most > 0, np.minimum(1.0, state.cycles / np.maximum(most, 1)), 0.0),
        "local_therapy": note["procedure"][:, None] == np.arange(3),
        "day": state.host["day"],
        "proliferating_cells": state.proliferating,
        "dormant_cells": state.dormant,
        "capacity": np.where(here, state.capacity, 0.0),
        "organ": state.organ,
        "vascular": here & state.vascular,
        "niche_open": here & state.niche_open,
        "disseminated_cells": state.disseminated_cells,
        "concentration": state.concentration,
        "neutrophil_chain": state.neutrophils,
        "toxicity_score": state.toxicity,
        "immunity": state.host["immunity"],
    }


def treated(disease, observation, visits=4):
    """An environment of 16 patients, seen at each visit under random treatment."""
    scenario = metaenv.make_scenario(disease)
    if scenario.disease.local_therapy is not None:  # of whichever lesion, so that there are procedures to be seen
        anywhere = replace(scenario.disease.local_therapy, most_lesions=1000)
        scenario = replace(scenario, disease=replace(scenario.disease, local_therapy=anywhere), local_therapy=True)
    env = metaenv.MetastasisVectorEnv(16, scenario=scenario, observation=observation, autoreset_mode="Disabled")
    env.action_space.seed(1)
    seen, _ = env.reset(seed=1)
    yield env, seen
    for _ in range(visits):
        yield env, env.step(env.action_space.sample())[0]


@pytest.mark.nojit
@pytest.mark.parametrize("observation", ["clinic", "full"])
@pytest.mark.parametrize("disease", metaenv.DISEASES)
def test_every_part_reads_back_what_the_chart_or_the_state_holds(disease, observation):
    """Within the rounding of float32; where a logarithm is shown, of that: a relative 1e-5."""
    for env, seen in treated(disease, observation):
        expected = quantities(env)
        for name in env.layout.names:
            read = env.layout.read(name, seen)
            np.testing.assert_allclose(read, expected[name].reshape(16, -1), rtol=1e-5, atol=1e-6, err_msg=name)


def test_no_part_is_the_same_in_all_patients_of_lung_cancer():
    """Else the test above would not see two parts exchanged."""
    *_, (env, _) = treated("lung", "full", visits=40)
    env.cohort.state.toxicity[::2] = 1.5  # so that doses are held
    seen = env.step(np.full(env.action_space.shape, 2))[0]
    still = [name for name in env.layout.names if len(np.unique(env.layout.read(name, seen))) == 1]
    assert set(still) <= {"marker_measured", "scan_measured", "scan_age"}, still
