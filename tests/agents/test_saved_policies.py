"""A saved policy acts as the one it was made of, and a damaged one is refused."""

import json

import numpy as np
import pytest
from safetensors.numpy import load as parse

import metaenv  # noqa: F401
import metaenv_agents
from metaenv_agents.rl.learners import LEARNERS
from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_agents.saved_policies import ABOUT, ARRAYS, CARD, PRETRAINED, to_files


@pytest.fixture
def policy():
    generator = np.random.default_rng(0)
    shapes = [(8, 22), (5, 8), (9, 5)]
    return TrainedPolicy(
        drugs=("abiraterone", "docetaxel"),
        history=1,
        mean=generator.normal(size=22),
        scale=generator.uniform(0.5, 2.0, 22),
        clip=10.0,
        weights=tuple(generator.normal(size=shape).astype(np.float32).astype(np.float64) for shape in shapes),
        biases=tuple(np.zeros(shape[0]) for shape in shapes),
        lstm=(),
        levels=(3, 3, 3),
        choices=np.array((), dtype=np.int64),
        low=np.array(()),
        high=np.array(()),
        squashed=False,
    )


@pytest.fixture
def shared(policy, tmp_path):
    for name, content in to_files(policy, {"environment": "metaenv/Prostate-v1"}).items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_it_acts_as_the_one_it_was_made_of(policy, shared):
    observations = np.random.default_rng(1).normal(size=(200, 22))
    actions = policy.predict(observations)[0]
    assert np.array_equal(actions, metaenv_agents.load(shared).predict(observations)[0])
    assert len(np.unique(actions, axis=0)) > 1


def test_weights_are_kept_exactly_and_in_32_bits(policy, shared):
    again = metaenv_agents.load(shared)
    for one, other in zip((*policy.weights, policy.mean), (*again.weights, again.mean), strict=True):
        assert np.array_equal(one, other)
    stored = parse((shared / ARRAYS).read_bytes())
    assert (stored["weight_0"].dtype, stored["mean"].dtype) == (np.float32, np.float64)


def test_a_torn_or_altered_file_is_refused(shared):
    content = (shared / ARRAYS).read_bytes()
    (shared / ARRAYS).write_bytes(content[:-1])
    with pytest.raises(ValueError, match="must have SHA-256"):
        metaenv_agents.load(shared)
    (shared / ARRAYS).unlink()
    with pytest.raises(ValueError, match="cannot be read"):
        metaenv_agents.load(shared)
    (shared / ABOUT).write_text("{")
    with pytest.raises(ValueError, match="cannot be read"):
        metaenv_agents.load(shared)


@pytest.mark.parametrize(
    ("key", "value"), [("format", 1), ("layers", 4), ("layers", 2), ("levels", [3, 3]), ("history", 5)]
)
def test_words_that_do_not_fit_the_numbers_are_refused(shared, key, value):
    about = json.loads((shared / ABOUT).read_text())
    about["policy"][key] = value
    (shared / ABOUT).write_text(json.dumps(about))
    with pytest.raises(ValueError, match="policy must"):
        metaenv_agents.load(shared)


def test_an_unknown_name_lists_the_known():
    with pytest.raises(
        ValueError, match=r"policy must be one of \[.*\] or a folder with policy.json, got 'prostate/none'"
    ):
        metaenv_agents.load("prostate/none")


@pytest.mark.parametrize("name", metaenv_agents.pretrained())
def test_every_pretrained_policy_fits_its_environment(name):
    import gymnasium as gym

    from metaenv_agents.policy import Clinic

    about = json.loads((PRETRAINED / name / ABOUT).read_text())
    env = gym.make(about["environment"])
    policy = metaenv_agents.load(name)
    policy.check(Clinic.of(env))
    observation, _ = env.reset(seed=0)
    action, _ = policy.predict(observation)
    assert env.action_space.contains(action)


@pytest.mark.parametrize("name", metaenv_agents.pretrained())
def test_every_pretrained_policy_names_its_settings_as_its_learner_does(name):
    training = metaenv_agents.about(name)["training"]
    given = {key: tuple(value) if isinstance(value, list) else value for key, value in training["settings"].items()}
    assert LEARNERS[training["learner"]].settings(**given).history == metaenv_agents.load(name).history


@pytest.mark.parametrize("name", metaenv_agents.pretrained())
def test_the_code_on_the_card_of_a_pretrained_policy_runs(name):
    card = (PRETRAINED / name / CARD).read_text(encoding="utf-8")
    exec(card.split("```python\n")[1].split("```")[0], {})
