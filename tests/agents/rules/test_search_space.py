"""What of each rule may be tuned: a stored search goes on while a rule asks for the same, in the same order."""

import optuna
import pytest

from metaenv_agents.rules import RULES, make_rule, parameters_of, tunable

DRUGS = "drugs abiraterone | docetaxel | abiraterone + docetaxel"
FEWER = "drugs abiraterone | docetaxel"  # at least one is left
ORDERS = "abiraterone then docetaxel | docetaxel then abiraterone"
BAND = ["stop 0.02 to 1.0 log", "restart / stop 1.1 to 10.0 log"]
GUIDED = [
    "measurement marker | diameters | lesions | resistance | toxicity | neutrophils | years",
    "{upper}: diameters 0.05 to 3.0 log",  # of what the draw with this seed measures
    "{lower} / {upper} 0.1 to 1.0",
    "level 0.5 | 1.0",
    DRUGS,
    "always none | abiraterone | docetaxel",
    "stop_at_grade 0.5 to 4.0",
]
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
    "constant": [
        "dose of abiraterone 0.0 | 0.5 | 1.0",
        "dose of docetaxel 0.0 | 0.5 | 1.0",
        "procedures none | irradiate | resect | both",
    ],
    "look_ahead": ["threshold 0.02 to 2.0 log", "doubling 14.0 to 730.0 log", DRUGS],
    "range_bounded": ["low 0.02 to 2.0 log", "high / low 1.1 to 10.0 log", DRUGS],
    "partial_cycle": ["threshold 0.02 to 2.0 log", "cycle_days 21.0 to 365.0 log", "share 0.1 to 1.0", DRUGS],
    "dose_titration": [
        "lower_at 0.5 to 4.0",
        "raise_below / lower_at 0.1 to 1.0",
        "neutrophils 0.5 to 3.0",
        "begin 0.0 | 0.5 | 1.0",
        "step 0.5 | 1.0",
        DRUGS,
    ],
    "treat_above": [each.format(upper="start", lower="hold") for each in GUIDED],
    "hold_above": [each.format(upper="hold", lower="resume") for each in GUIDED],
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
