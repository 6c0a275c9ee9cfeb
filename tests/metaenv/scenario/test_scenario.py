"""A scenario has what its disease has, unless it says otherwise."""

from dataclasses import replace

import pytest

import metaenv
from metaenv.scenario.scenario import OF_THE_DISEASE
from metaenv.scenario.variation import vary


@pytest.mark.parametrize("name", metaenv.DISEASES)
def test_a_default_scenario_has_what_its_disease_has(name):
    disease = metaenv.DISEASES[name]
    scenario = metaenv.Scenario.of(disease)
    assert scenario == metaenv.make_scenario(name)
    assert [getattr(scenario, each) for each in OF_THE_DISEASE] == [getattr(disease, each) for each in OF_THE_DISEASE]
    assert scenario.reward == metaenv.Reward(objective=disease.reward)


@pytest.mark.parametrize("path", [each for each in (*OF_THE_DISEASE, "reward") if each != "drugs"])
def test_what_a_scenario_overrides_is_not_varied_behind_its_back(path):
    with pytest.raises(ValueError, match=f"path must lead into the disease, got '{path}': replace that field"):
        vary(metaenv.make_scenario("lung"), {path: 1.0})


def test_an_override_of_a_scenario_leaves_its_disease_as_it_is():
    weekly = replace(metaenv.make_scenario("lung"), visit_interval=7.0)
    assert weekly.disease == metaenv.DISEASES["lung"] and weekly.visit_interval == 7.0
