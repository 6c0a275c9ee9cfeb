import numpy as np
import pytest

from metaenv_agents.rules import RULES, make_rule, parameters_of


@pytest.fixture(params=sorted(RULES))
def name(request):
    return request.param


def test_the_rules_of_the_clinic_are_registered():
    wanted = {"no_treatment", "maximum_tolerated_dose", "random", "intermittent", "at50", "containment"}
    wanted |= {"metronomic", "dose_modulation", "dose_skipping", "alternating", "two_strikes", "standard_of_care"}
    wanted |= {
        "look_ahead",
        "range_bounded",
        "partial_cycle",
        "dose_titration",
        "constant",
        "treat_above",
        "hold_above",
    }
    assert wanted | {"at50_with_second_line", "multimodal", "sequential", "fixed_duration", "local_first"} == set(RULES)


def test_unknown_rule_lists_the_known(toy):
    with pytest.raises(ValueError, match=r"one of \['alternating', 'at50', .*got 'at51'"):
        make_rule("at51", toy(1))


def test_unknown_parameter_lists_the_known(toy, name):
    with pytest.raises(ValueError, match="takes the parameters") as refused:
        make_rule(name, toy(1), colour=3)
    assert all(parameter in str(refused.value) for parameter in parameters_of(name))


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("at50", {"stop": 1.0}),
        ("at50", {"stop": 0.0}),
        ("containment", {"threshold": 0.0}),
        ("containment", {"threshold": float("nan")}),
        ("intermittent", {"off_days": -1.0}),
        ("maximum_tolerated_dose", {"drugs": ("aspirin",)}),
        ("at50_with_second_line", {"drugs": "all"}),
        ("at50_with_second_line", {"stop_at_grade": 0.0}),
        ("fixed_duration", {"days": 0.0}),
        ("local_first", {"days": 0.0}),
        ("local_first", {"drugs": ("aspirin",)}),
        ("sequential", {"lines": ()}),
        ("sequential", {"lines": (("abiraterone",), ())}),
        ("sequential", {"lines": (("aspirin",),)}),
        ("sequential", {"switch_on": "feeling"}),
        ("sequential", {"reference": "yesterday"}),
        ("sequential", {"first": "at51"}),
        ("sequential", {"factor": 1.0}),
        ("sequential", {"confirmation": float("nan")}),
        ("sequential", {"most_days": (100.0,)}),
        ("sequential", {"most_days": (100.0, 0.0)}),
        ("sequential", {"needs": (None, "T790M")}),
        ("sequential", {"trait_share": 1.0}),
        ("sequential", {"stop": 1.5}),
        ("metronomic", {"dose": 0.0}),
        ("metronomic", {"dose": 0.3}),
        ("dose_modulation", {"step": 0.25}),
        ("dose_modulation", {"step": float("nan")}),
        ("dose_modulation", {"tolerance": 1.0}),
        ("dose_skipping", {"tolerance": -0.1}),
        ("alternating", {"lines": (("abiraterone",),)}),
        ("alternating", {"days": 0.0}),
        ("two_strikes", {"strikes": (("abiraterone",), ())}),
        ("two_strikes", {"response": 1.0}),
        ("two_strikes", {"days": float("nan")}),
        ("look_ahead", {"threshold": 0.0}),
        ("look_ahead", {"doubling": float("nan")}),
        ("range_bounded", {"low": 1.0}),
        ("range_bounded", {"high": float("nan")}),
        ("partial_cycle", {"threshold": 0.0}),
        ("partial_cycle", {"cycle_days": 0.0}),
        ("partial_cycle", {"share": 1.5}),
        ("dose_titration", {"begin": 0.3}),
        ("dose_titration", {"step": 0.0}),
        ("dose_titration", {"raise_below": 3.0}),
        ("dose_titration", {"neutrophils": -1.0}),
        ("constant", {"doses": (1.0,)}),
        ("constant", {"doses": (1.0, 2.0)}),
        ("constant", {"doses": (1.0, 0.3)}),
        ("constant", {"procedures": "pray"}),
        ("treat_above", {"measurement": "mood"}),
        ("treat_above", {"hold": 1.5}),
        ("treat_above", {"start": float("nan")}),
        ("treat_above", {"level": 0.0}),
        ("treat_above", {"always": ("aspirin",)}),
        ("hold_above", {"resume": 3.0}),
        ("hold_above", {"stop_at_grade": 0.0}),
    ],
)
def test_parameter_out_of_range_is_refused(toy, name, parameters):
    with pytest.raises(ValueError, match="got"):
        make_rule(name, toy(1), **parameters)


def test_one_patient_alone_is_treated_as_among_many(toy, see, name):
    rule = make_rule(name, toy(1))
    generator = np.random.default_rng(0)
    ratios = generator.uniform(0.2, 2.0, (12, 5))
    many, alone = None, None
    for visit, row in enumerate(ratios):
        start = np.full(5, visit == 0)
        among, many = rule.predict(see(row), many, start)
        single, alone = rule.predict(see(row)[3], alone, start[3:4])
        assert single.shape == (3,)
        assert np.array_equal(single, among[3])


def test_a_new_patient_finds_no_memory_of_the_last(toy, see, name):
    rule = make_rule(name, toy(1))
    _, memory = rule.predict(see([1.0, 1.0]))
    _, memory = rule.predict(see([0.3, 0.3]), memory)
    again, _ = rule.predict(see([0.7, 0.7]), memory, np.array([True, False]))
    first, _ = rule.predict(see([0.7]))
    assert np.array_equal(again[0], first[0])


def test_actions_fit_the_space_in_both_encodings(toy, see, name):
    for action in ("levels", "continuous"):
        env = toy(4, action=action)
        actions, _ = make_rule(name, env).predict(see([0.1, 0.9, 1.1, 3.0]))
        assert all(env.single_action_space.contains(row) for row in actions)


def test_wrong_observation_or_state_is_refused(toy, name):
    rule = make_rule(name, toy(1))
    with pytest.raises(ValueError, match=r"observation must be \(patient, 22\)"):
        rule.predict(np.zeros((2, 23)))
    with pytest.raises(ValueError, match="state of rule"):
        rule.predict(np.zeros((2, 22)), np.zeros((3, rule.memory_size)))
