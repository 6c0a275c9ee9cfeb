"""An actor and its critics: gradients by hand are autograd's, likelihoods are those of what is drawn."""

import gymnasium as gym
import numpy as np
import pytest
import torch

from metaenv_agents.rl.network import Doses, Layers, Levels, Network, choice_in

LEVELS = gym.spaces.MultiDiscrete([3, 2, 2])
DOSES = gym.spaces.Box(np.array([0.0, -1.0], np.float32), np.array([2.0, 1.0], np.float32))


@pytest.fixture(autouse=True)
def one_seed():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


@pytest.mark.parametrize("sizes", [[5, 2], [5, 7, 2], [5, 7, 4, 2]])
def test_gradients_without_autograd_are_those_with_it(sizes):
    layers, inputs, slope = Layers(sizes, gain=1.0), torch.randn(9, 5), torch.randn(9, 2)
    outputs = layers(inputs)
    expected = torch.autograd.grad(outputs, list(layers.parameters()), slope)
    with torch.no_grad():
        scratch = layers.scratch(11)
        activations = layers.activations(inputs, scratch)
        found = layers.gradients(activations, slope, scratch)
    torch.testing.assert_close(activations[-1], outputs.detach(), atol=1e-6, rtol=1e-5)
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-4)


def test_levels_are_as_likely_as_torch_says():
    choice, output = Levels(LEVELS), torch.randn(50, 7)
    actions = choice.draw(output, torch.Generator().manual_seed(1))
    assert all(LEVELS.contains(row) for row in actions.numpy())
    likely, entropy = choice.judge(output, actions)
    parts = [torch.distributions.Categorical(logits=part) for part in torch.split(output, [3, 2, 2], dim=1)]
    torch.testing.assert_close(likely, sum(part.log_prob(actions[:, k]) for k, part in enumerate(parts)))
    torch.testing.assert_close(entropy, sum(part.entropy() for part in parts))


def test_doses_are_as_likely_as_torch_says():
    choice, output = Doses(DOSES, -0.5), torch.randn(50, 2)
    actions = choice.draw(output, torch.Generator().manual_seed(1))
    likely, entropy = choice.judge(output, actions)
    expected = torch.distributions.Normal(output, choice.log_std.exp())
    torch.testing.assert_close(likely, expected.log_prob(actions).sum(dim=1))
    torch.testing.assert_close(entropy, expected.entropy().sum(dim=1))


def test_what_is_drawn_is_as_frequent_as_it_is_likely():
    logits = torch.log(torch.tensor([0.5, 0.3, 0.2, 0.9, 0.1, 0.4, 0.6])).expand(20_000, 7)
    actions = Levels(LEVELS).draw(logits, torch.Generator().manual_seed(0)).numpy()
    np.testing.assert_allclose(np.bincount(actions[:, 0]) / 20_000, [0.5, 0.3, 0.2], atol=0.015)
    np.testing.assert_allclose(np.bincount(actions[:, 1]) / 20_000, [0.9, 0.1], atol=0.015)


def test_doses_are_given_within_their_bounds():
    given = Doses(DOSES, -0.5).given(np.array([[-3.0, 0.0], [3.0, 0.5]], np.float32))
    np.testing.assert_array_equal(given, [[0.0, 0.0], [2.0, 0.5]])
    assert given.dtype == np.float32


def test_at_first_every_level_is_about_as_likely():
    network = Network(5, Levels(LEVELS), (16,), costs=False)
    shares = torch.softmax(network.actor(torch.randn(100, 5))[:, :3], dim=1)
    assert (shares - 1 / 3).abs().max() < 0.02


def test_an_action_space_of_another_kind_is_refused():
    with pytest.raises(ValueError, match=r"must be of dose levels or of doses, got Discrete\(2\)"):
        choice_in(gym.spaces.Discrete(2), 0.0)
