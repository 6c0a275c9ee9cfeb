"""An ensemble is one network, whose outputs are the mean of its members'."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from metaenv_agents.rl.ensemble import combined
from metaenv_agents.rl.policy import TrainedPolicy

WIDTH, LEVELS = 4, (3, 2)


def member(seed, hidden=(5, 6)):
    rng = np.random.default_rng(seed)
    sizes = [2 * WIDTH, *hidden, sum(LEVELS)]
    return TrainedPolicy(
        drugs=("a", "b"),
        history=2,
        mean=rng.normal(size=2 * WIDTH),
        scale=rng.uniform(0.5, 2.0, size=2 * WIDTH),
        clip=100.0,
        weights=tuple(rng.normal(size=(after, before)) for before, after in pairwise(sizes)),
        biases=tuple(rng.normal(size=size) for size in sizes[1:]),
        lstm=(),
        levels=LEVELS,
        choices=np.empty((0, 0), dtype=np.int64),
        low=np.empty(0),
        high=np.empty(0),
        squashed=False,
    )


def by_hand(policy, seen):
    """Logits of each visit, written out."""
    output = (seen - policy.mean) / policy.scale
    for weight, bias in zip(policy.weights[:-1], policy.biases[:-1], strict=True):
        output = np.tanh(output @ weight.T + bias)
    return output @ policy.weights[-1].T + policy.biases[-1]


@pytest.mark.parametrize("hidden", [[(5, 6), (5, 6), (5, 6)], [(7,), (2,)]])
def test_its_outputs_are_the_mean_of_its_members_whatever_their_scales_and_widths(hidden):
    members = [member(seed, each) for seed, each in enumerate(hidden)]
    seen = np.random.default_rng(9).normal(size=(50, 2 * WIDTH)) * 3.0
    mean = np.mean([by_hand(each, seen) for each in members], axis=0)
    together = combined(members)
    np.testing.assert_allclose(by_hand(together, seen), mean, atol=1e-12)
    memory = seen.astype(np.float32)
    chosen = together.predict(memory[:, WIDTH:], np.roll(memory, WIDTH, axis=1))[0]
    wanted = np.mean([by_hand(each, memory) for each in members], axis=0)
    entries = np.split(wanted, np.cumsum(LEVELS)[:-1], axis=1)
    assert np.array_equal(chosen, np.stack([entry.argmax(axis=1) for entry in entries], axis=1))


def test_inputs_are_clipped_as_the_first_member_clips_them():
    members = [replace(member(seed), clip=1.5) for seed in range(3)]
    together, first = combined(members), members[0]
    seen = np.random.default_rng(9).normal(size=(50, 2 * WIDTH)).astype(np.float32) * 3.0
    edges = (first.mean + np.clip((seen - first.mean) / first.scale, -1.5, 1.5) * first.scale).astype(np.float32)
    assert not np.allclose(edges, seen)
    wanted = np.mean([by_hand(each, edges) for each in members], axis=0)
    entries = np.split(wanted, np.cumsum(LEVELS)[:-1], axis=1)
    chosen = together.predict(seen[:, WIDTH:], np.roll(seen, WIDTH, axis=1))[0]
    assert np.array_equal(chosen, np.stack([entry.argmax(axis=1) for entry in entries], axis=1))


def test_it_can_be_stored_and_read_as_any_trained_policy():
    together = combined([member(0), member(1)])
    again = TrainedPolicy.from_bytes(together.to_bytes())
    assert all(np.array_equal(ours, own) for ours, own in zip(again.weights, together.weights, strict=True))


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ([], "must have two members or more, got 1"),
        ([replace(member(1), drugs=("a", "c"))], r"same drugs, got \('a', 'b'\) and \('a', 'c'\)"),
        ([replace(member(1), clip=5.0)], "same clip, got 100.0 and 5.0"),
        (
            [member(1, (5,))],
            r"as many inputs and layers, got \[\[\(5, 8\), \(6, 5\), \(5, 6\)\], \[\(5, 8\), \(5, 5\)\]\]",
        ),
        ([replace(member(1), lstm=(np.zeros((4, 8)), np.zeros((4, 1)), np.zeros(4)))], "must have no LSTM"),
    ],
)
def test_what_cannot_be_combined_is_refused(others, said):
    with pytest.raises(ValueError, match=said):
        combined([member(0), *others])
