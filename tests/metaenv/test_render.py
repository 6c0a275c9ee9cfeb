"""Clinic notes: what they tell, and what they keep to themselves."""

import gymnasium as gym
import numpy as np
import pytest

import metaenv

PROSTATE = "metaenv/Prostate-v1"


@pytest.mark.parametrize("identifier", metaenv.REGISTERED)
def test_note_tells_what_was_given_and_measured(identifier):
    env = gym.make(identifier, render_mode="ansi")
    env.reset(seed=0)
    *_, info = env.step(np.ones(env.action_space.shape, dtype=int))
    note = env.render()
    assert isinstance(note, str) and "\n" in note
    assert f"patient {info['patient']}" in note and f"day {info['day']:.0f}" in note
    assert metaenv.RESPONSES[info["response"]] in note
    for drug in env.unwrapped.scenario.drugs:
        assert drug.name in note
    for kind in env.unwrapped.scenario.toxicities:
        assert kind in note
    assert "nan" not in note.lower() and max(map(len, note.splitlines())) < 200


@pytest.mark.parametrize("make", [metaenv.MetastasisEnv, lambda **kinds: metaenv.MetastasisVectorEnv(1, **kinds)])
@pytest.mark.parametrize(
    ("arguments", "shown"), [({}, False), ({"truth": True}, True), ({"observation": "full"}, True)]
)
def test_note_tells_the_truth_only_on_request_or_to_an_oracle(make, arguments, shown):
    env = make(render_mode="ansi", **arguments)
    _, info = env.reset(seed=0)
    notes = env.render()
    note = notes if isinstance(notes, str) else notes[0]
    burden = f"{np.ravel(info['burden'])[0]:.3g} cells"
    assert (("(truth)" in note), ("dormant" in note), (burden in note)) == (shown, shown, shown)


def test_note_names_progression_and_cause_of_death(brief):
    env = gym.make(PROSTATE, render_mode="ansi", scenario=brief(PROSTATE, 60, 0.02))
    for seed in range(40):
        env.reset(seed=seed)
        over = False
        while not over:
            *_, terminated, truncated, info = env.step([0, 0])
            over = terminated or truncated
        if terminated and info["progressed"]:
            break
    assert f"progression on day {info['progression_day']:.0f}" in env.render()
    assert "died of cancer" in env.render()


def test_vector_renders_one_note_per_patient(vector):
    env = vector(PROSTATE, 3, render_mode="ansi")
    env.reset(seed=0)
    notes = env.render()
    assert len(notes) == 3 and len(set(notes)) == 3
