"""The window: opened when first needed, shown at every visit, closed."""

import sys
from unittest.mock import MagicMock

import gymnasium as gym
import numpy as np
import pytest

PROSTATE = "metaenv/Prostate-v1"


@pytest.fixture
def pygame(monkeypatch):
    """A pygame without a screen, which remembers what was done with it."""
    fake = MagicMock()
    monkeypatch.setitem(sys.modules, "pygame", fake)
    return fake


@pytest.fixture
def real_pygame(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    return pytest.importorskip("pygame")


def test_window_opens_at_the_first_visit_and_shows_every_one(pygame):
    env = gym.make(PROSTATE, render_mode="human", render_size=(800, 600))
    assert not pygame.display.set_mode.called
    env.reset(seed=0)
    pygame.display.set_mode.assert_called_once_with((800, 600))
    env.step([1, 0])
    env.step([1, 0])
    assert pygame.display.set_mode.call_count == 1 and pygame.display.flip.call_count == 3
    pygame.time.Clock().tick.assert_called_with(env.metadata["render_fps"])


def test_render_shows_and_returns_nothing(pygame):
    env = gym.make(PROSTATE, render_mode="human")
    env.reset(seed=0)
    assert env.render() is None and pygame.display.flip.call_count == 2


def test_close_closes_the_window_once_and_another_reset_opens_one(pygame):
    env = gym.make(PROSTATE, render_mode="human").unwrapped
    env.close()  # nothing to close yet
    env.reset(seed=0)
    env.close()
    env.close()
    assert pygame.quit.call_count == 1
    env.reset()
    assert pygame.display.set_mode.call_count == 2


def test_vector_window_shows_the_grid(pygame, vector):
    env = vector(PROSTATE, 4, render_mode="human")
    env.reset(seed=0)
    env.step(np.ones((4, 2), dtype=np.int64))
    pygame.display.set_mode.assert_called_once_with((1280, 960))
    assert pygame.display.flip.call_count == 2 and env.render() is None
    env.close()
    assert pygame.quit.call_count == 1


def test_missing_pygame_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygame", None)
    env = gym.make(PROSTATE, render_mode="human")
    with pytest.raises(gym.error.DependencyNotInstalled, match=r"pygame.*pip install 'metastasis-env\[video\]'"):
        env.reset(seed=0)


def test_no_window_is_needed_for_a_picture(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygame", None)
    env = gym.make(PROSTATE, render_mode="rgb_array")
    env.reset(seed=0)
    assert env.render().shape == (480, 640, 3)


def test_true_window_holds_the_picture(real_pygame):
    shown, drawn = (gym.make(PROSTATE, render_mode=mode) for mode in ("human", "rgb_array"))
    for env in (shown, drawn):
        env.reset(seed=4)
        env.step([2, 0])
    surface = real_pygame.surfarray.array3d(real_pygame.display.get_surface()).transpose(1, 0, 2)
    assert np.array_equal(surface, drawn.render())
    shown.close()
    assert not real_pygame.display.get_init()


def test_gymnasium_can_show_the_pictures_itself(real_pygame):
    env = gym.wrappers.HumanRendering(gym.make(PROSTATE, render_mode="rgb_array"))
    env.reset(seed=0)
    env.step([0, 0])
    assert real_pygame.display.get_surface().get_size() == (640, 480)
    env.close()


def test_film_is_recorded_by_gymnasium(tmp_path):
    pytest.importorskip("moviepy")
    env = gym.make(PROSTATE, render_mode="rgb_array", render_size=(320, 240))
    env = gym.wrappers.RecordVideo(env, str(tmp_path / "films"), episode_trigger=lambda episode: True)
    env.reset(seed=0)
    for _ in range(3):
        env.step([1, 0])
    env.close()
    assert (tmp_path / "films" / "rl-video-episode-0.mp4").stat().st_size > 1000


def test_film_of_many_is_recorded_by_gymnasium(tmp_path, vector):
    pytest.importorskip("moviepy")
    env = vector(PROSTATE, 4, render_mode="rgb_array", render_size=(640, 480))
    env = gym.wrappers.vector.RecordVideo(env, str(tmp_path / "films"), episode_trigger=lambda episode: True)
    env.reset(seed=0)
    for _ in range(3):
        env.step(np.ones((4, 2), dtype=np.int64))
    env.close()
    assert (tmp_path / "films" / "rl-video-episode-0.mp4").stat().st_size > 1000
