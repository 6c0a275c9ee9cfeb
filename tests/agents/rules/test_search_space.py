"""What of each rule may be tuned: a stored search goes on while a rule asks for the same, in the same order."""

import optuna
import pytest

from metaenv_agents.rules import RULES, make_rule, parameters_of, tunable

DRUGS = "drugs abiraterone | docetaxel | abiraterone + docetaxel"
FEWER = "drugs abiraterone | docetaxel"  # at least one is left
ORDERS = "abiraterone then docetaxel | docetaxel then abiraterone"
BAND = ["stop 0.02 to 1.0 log", "restart / stop 1.1 to 10.0 log"]
ASKED = {
    "maximum_tolerated_dose": [DRUGS],
    "metronomic": [DRUGS],
    "intermittent": ["on_days 21.0 to 730.0 log", "off_days 21.0 to 730.0 log", DRUGS],
    "alternating": [f"lines {ORDERS}", "days 21.0 to 730.0 log"],
    "at50": [*BAND, DRUGS],
    "dose_modulation": ["tolerance 0.0 to 0.5", "step 0.5 | 1.0", DRUGS],
    "dose_skipping": ["tolerance 0.0 to 0.5", DRUGS],
    "containment": ["threshold 0.02 to 2.0 log", DRUGS],
    "at50_with_second_line": [FEWER, *BAND, "stop_at_grade 0.5 to 4.0"],
    "multimodal": ["threshold 0.02 to 2.0 log", "courses 0 to 5", FEWER, "stop_at_grade 0.5 to 4.0"],
    "local_first": [DRUGS, "days 84.0 to 7300.0 log"],
    "sequential": [
        f"lines {ORDERS}",
        "switch_on marker | recist",
        "factor 1.05 to 3.0 log",
        "first continuous | at50",
        *BAND,
    ],
    "two_strikes": [f"strikes {ORDERS}", "response 0.02 to 0.9 log", "days 21.0 to 730.0 log"],
    "fixed_duration": ["days 84.0 to 7300.0 log", DRUGS],
}


def in_words(name, distribution):
    if isinstance(distribution, optuna.distributions.CategoricalDistribution):
        return f"{name} {' | '.join(map(str, distribution.choices))}"
    return f"{name} {distribution.low} to {distribution.high}{' log' if distribution.log else ''}"


@pytest.fixture
def trial():
    return optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0)).ask()


@pytest.mark.parametrize("name", ASKED)
def test_a_rule_asks_for_the_same_in_the_same_order(name, clinic, trial):
    RULES[name].search_space(trial, clinic)
    assert [in_words(*each) for each in trial.distributions.items()] == ASKED[name]


@pytest.mark.parametrize("name", tunable(RULES))
def test_what_a_rule_suggests_are_parameters_that_it_takes(name, clinic, trial):
    suggested = RULES[name].search_space(trial, clinic)
    assert suggested and suggested.keys() <= parameters_of(name).keys()
    assert make_rule(name, clinic, **suggested).name == name


@pytest.mark.parametrize("name", sorted(set(RULES) - set(ASKED)))
def test_a_rule_that_stands_for_something_has_nothing_to_tune(name, clinic, trial):
    assert name not in tunable(RULES) and RULES[name].search_space(trial, clinic) == {}
