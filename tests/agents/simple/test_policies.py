"""Simple policies treat as the rules that they are; many at once as each alone."""

import gymnasium as gym
import numpy as np
import pytest

import metaenv
from metaenv_agents.policy import Clinic
from metaenv_agents.rules import make_rule
from metaenv_agents.simple import Condition, Dose, Simple, SimplePolicies

IDS = np.arange(200_000, 200_006)
NEVER, ALWAYS = Dose(level=0.0), Dose(level=1.0)


def env_of(disease, patients=6, *, procedures=False):
    return gym.make_vec(
        f"metaenv/{disease}-v1",
        num_envs=patients,
        vectorization_mode="vector_entry_point",
        horizon=728,
        local_therapy=procedures,
    )


def actions(policy, env, ids=IDS):
    """What is given at 26 visits, (visit, patient, entry)."""
    observation, _ = env.reset(seed=[5] * len(ids), options={"patient": ids})
    state, starts, given = None, np.ones(len(ids), dtype=bool), []
    for _ in range(26):
        action, state = policy.predict(observation, state, starts)
        given.append(action)
        observation, _, _, _, _ = env.step(action)
        starts[:] = False
    return np.array(given)


def while_(measurement, threshold, *, above=True, level=1.0):
    return Dose(level=level, conditions=(Condition(measurement=measurement, above=above, threshold=threshold),))


def above(measurement, threshold):
    """Of `treat_above`."""
    return {"measurement": measurement, "start": threshold, "hold": threshold}


def below(measurement, threshold):
    """Of `hold_above`."""
    return {"measurement": measurement, "hold": threshold, "resume": threshold}


@pytest.mark.parametrize(
    ("simple", "name", "parameters"),
    [
        (Simple(doses=(NEVER, NEVER)), "no_treatment", {}),
        (Simple(doses=(ALWAYS, NEVER)), "maximum_tolerated_dose", {"drugs": "first_line"}),
        (Simple(doses=(ALWAYS, ALWAYS)), "maximum_tolerated_dose", {"drugs": "all"}),
        (Simple(doses=(while_("marker", 0.6), NEVER)), "containment", {"threshold": 0.6}),
        (Simple(doses=(NEVER, while_("marker", 0.3))), "containment", {"threshold": 0.3, "drugs": ("docetaxel",)}),
        (Simple(doses=(Dose(level=0.5), ALWAYS)), "constant", {"doses": (0.5, 1.0)}),
        (Simple(doses=(while_("diameters", 0.8), NEVER)), "treat_above", above("diameters", 0.8)),
        (
            Simple(doses=(while_("lesions", 6.0, level=0.5), NEVER)),
            "treat_above",
            {**above("lesions", 6.0), "level": 0.5},
        ),
        (
            Simple(doses=(while_("neutrophils", 3.0), ALWAYS)),
            "treat_above",
            {**above("neutrophils", 3.0), "always": (1,)},
        ),
        (Simple(doses=(while_("years", 0.5), NEVER)), "treat_above", above("years", 0.5)),
        (Simple(doses=(while_("marker", 0.4, above=False), NEVER)), "hold_above", below("marker", 0.4)),
        (Simple(doses=(while_("toxicity", 0.5, above=False), NEVER)), "hold_above", below("toxicity", 0.5)),
        (Simple(doses=(while_("resistance", 0.2, above=False), NEVER)), "hold_above", below("resistance", 0.2)),
    ],
)
def test_a_rule_that_is_simple_is_treated_like_the_rule(simple, name, parameters):
    env = env_of("Prostate")
    rule = make_rule(name, env, **parameters)
    np.testing.assert_array_equal(actions(SimplePolicies(Clinic.of(env), [simple]), env), actions(rule, env))


def test_many_at_once_treat_as_each_alone():
    policies = [
        Simple(doses=(while_("diameters", 0.8), while_("resistance", 0.05, level=0.5), NEVER), procedures="both"),
        Simple(doses=(NEVER, while_("marker", 0.5, above=False), while_("toxicity", 1.0, above=False))),
        Simple(doses=(while_("years", 1.0), while_("lesions", 4.0), while_("neutrophils", 3.0)), procedures="resect"),
    ]
    env = env_of("Lung", 3 * len(IDS), procedures=True)
    chosen = np.repeat(np.arange(3), len(IDS))
    together = actions(SimplePolicies(Clinic.of(env), policies, chosen), env, np.tile(IDS, 3))
    own = env_of("Lung", procedures=True)
    alone = [actions(SimplePolicies(Clinic.of(own), [each]), own) for each in policies]
    np.testing.assert_array_equal(together, np.concatenate(alone, axis=1))
    for each in alone:
        assert len(np.unique(each[..., :3])) > 1, "a policy that never changes says nothing"


def measured(**values):
    """Observations of lung cancer that show these measurements, (patient, measurement)."""
    layout = env_of("Lung", 1).unwrapped.layout
    count = len(next(iter(values.values())))
    batch = np.zeros((count, layout.size), dtype=np.float32)
    batch[:, layout.marker_measured] = batch[:, layout.allele_measured] = 1.0
    for name, value in values.items():
        batch[:, getattr(layout, name).start] = value
    return batch


@pytest.mark.parametrize("any_of_them", [False, True])
def test_all_or_any_of_two_conditions_must_hold(any_of_them):
    both = (
        Condition(measurement="marker", above=True, threshold=0.5),
        Condition(measurement="resistance", above=False, threshold=0.1),
    )
    clinic = Clinic.of(env_of("Lung", 1))
    dose = Dose(level=0.5, conditions=both, any_of_them=any_of_them)
    policy = SimplePolicies(clinic, [Simple(doses=(dose, NEVER, NEVER))])
    given, _ = policy.predict(measured(marker_ratio=[0.4, 0.6, 0.4, 0.6], allele_fraction=[0.2, 0.2, 0.0, 0.0]))
    assert given[:, 0].tolist() == ([0, 1, 1, 1] if any_of_them else [0, 0, 0, 1])


def test_without_a_new_measurement_the_last_one_counts_and_a_new_patient_begins_anew():
    clinic = Clinic.of(env_of("Lung", 1))
    policy = SimplePolicies(clinic, [Simple(doses=(while_("marker", 0.5), while_("diameters", 0.5), NEVER))])
    seen = measured(marker_ratio=[0.2], diameters=[1.0])
    given, state = policy.predict(seen, None, np.array([True]))
    assert given[0, :2].tolist() == [0, 2]
    seen[:, clinic.layout.marker_measured], seen[:, clinic.layout.marker_ratio] = 0.0, 3.0
    seen[:, clinic.layout.diameters] *= 0.4
    given, state = policy.predict(seen, state, np.array([False]))
    assert given[0, :2].tolist() == [0, 0]
    given, _ = policy.predict(seen, state, np.array([True]))
    assert given[0, :2].tolist() == [2, 2], "the first visit is the baseline"


def test_procedures_are_done_at_every_visit_and_both_by_turns():
    clinic = Clinic.of(env_of("Prostate", 1, procedures=True))
    blank = np.zeros((1, clinic.layout.size), dtype=np.float32)
    done = {}
    for procedures in ("none", "irradiate", "resect", "both"):
        policy, state = SimplePolicies(clinic, [Simple(doses=(NEVER, NEVER), procedures=procedures)]), None
        done[procedures] = []
        for _ in range(3):
            action, state = policy.predict(blank, state, np.array([state is None]))
            done[procedures].append(metaenv.PROCEDURES[action[0, -1]])
    assert {name: set(each) for name, each in done.items() if name != "both"} == {
        "none": {"none"},
        "irradiate": {"radiotherapy"},
        "resect": {"resection"},
    }
    assert done["both"] == ["radiotherapy", "resection", "radiotherapy"]


@pytest.mark.parametrize(
    ("disease", "policies", "message"),
    [
        ("Prostate", [Simple(doses=(ALWAYS,))], "doses must be one for each of .*abiraterone.* got 1"),
        ("Lung", [Simple(doses=(NEVER,) * 3, procedures="both")], "procedures must be 'none' .* got 'both'"),
        ("Prostate", [Simple(doses=(ALWAYS, NEVER))] * 2, "chosen must say who treats whom among 2"),
    ],
)
def test_policies_that_do_not_fit_the_clinic_are_refused(disease, policies, message):
    with pytest.raises(ValueError, match=message):
        SimplePolicies(Clinic.of(env_of(disease, 1)), policies)
