"""Pictures of patients: of what shape, what they show and hide, and that looking changes nothing."""

import copy
import pickle
import subprocess
import sys

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from gymnasium.wrappers import AddRenderObservation, RenderCollection

import metaenv
from metaenv.pictures.canvas import Canvas
from metaenv.pictures.renderer import PICTURED
from metaenv.pictures.words import outcome

PROSTATE = "metaenv/Prostate-v1"
EVERY = pytest.mark.parametrize("identifier", metaenv.REGISTERED)


def treat(env, visits, share=1):
    """Treat at most so many visits, all drugs at half dose; whether the episode has ended."""
    for _ in range(visits):
        action = np.full(env.action_space.shape, share)
        if env.unwrapped.scenario.local_therapy:
            action[-1] = 0
        *_, terminated, truncated, _ = env.step(action)
        if terminated or truncated:
            return True
    return False


def drawn(identifier=PROSTATE, seed=3, visits=4, **arguments):
    env = gym.make(identifier, render_mode="rgb_array", **arguments)
    env.reset(seed=seed)
    treat(env, visits)
    return env


# ---- what a picture is


@EVERY
@pytest.mark.parametrize("size", [None, (1280, 720), [320, 240]])
def test_picture_has_the_size_asked_for(identifier, size):
    env = drawn(identifier, visits=2, render_size=size)
    picture, (width, height) = env.render(), size or (640, 480)
    assert picture.shape == (height, width, 3) and picture.dtype == np.uint8
    assert np.unique(picture[..., 0]).size > 50


@pytest.mark.parametrize("truth", [False, True])
def test_same_seed_gives_the_same_picture_and_another_seed_another(truth):
    first, second, other = (drawn(seed=seed, truth=truth).render() for seed in (3, 3, 4))
    assert np.array_equal(first, second) and not np.array_equal(first, other)


def test_every_visit_changes_the_picture():
    env = drawn(visits=0)
    before = env.render()
    for _ in range(3):
        treat(env, 1)
        after = env.render()
        assert not np.array_equal(before, after)
        before = after


def test_pictures_do_not_share_memory():
    env = drawn()
    first = env.render()
    kept = first.copy()
    first[:] = 0
    assert np.array_equal(env.render(), kept)


def test_reset_forgets_the_course_before():
    env = drawn(visits=6)
    env.reset(seed=8)
    assert np.array_equal(env.render(), drawn(seed=8, visits=0).render())


def test_last_picture_says_what_the_patient_died_of(brief):
    env = drawn(visits=200, scenario=brief(PROSTATE, 200, 0.1, 1e9))
    course = env.unwrapped._renderer.courses.of(0)
    assert course.over and outcome(course, env.unwrapped.scenario) == "died of cancer"
    assert env.render()[2, 2].max() < 64  # the head of the chart is dark
    assert drawn(visits=2).render()[2, 2].min() > 200


def test_last_picture_says_that_follow_up_ended(brief):
    env = drawn(visits=200, scenario=brief(PROSTATE, 3))
    course = env.unwrapped._renderer.courses.of(0)
    assert outcome(course, env.unwrapped.scenario) == "alive at the end of follow-up"


# ---- what it shows and what it hides


def worsen(env):
    """More cells in every lesion that the last scan did not see, and more asleep everywhere."""
    cohort = env.unwrapped.cohort
    hidden = (cohort.state.organ[0] >= 0) & (cohort.chart.diameter[0] == 0.0)
    assert hidden.any()
    cohort.state.proliferating[0, hidden] += 4e7
    cohort.state.dormant[0] += 1e8
    cohort.report.truth[0].burden *= 2.0
    cohort.report.resistant[0] = 0.5


def test_picture_hides_what_no_scan_has_seen():
    env = drawn()
    before = env.render()
    worsen(env)
    assert np.array_equal(env.render(), before)


@pytest.mark.parametrize("arguments", [{"truth": True}, {"observation": "full"}])
def test_picture_shows_the_truth_where_asked(arguments):
    env = drawn(**arguments)
    before = env.render()
    assert not np.array_equal(before, drawn().render())
    worsen(env)
    assert not np.array_equal(env.render(), before)


def test_worth_in_the_picture_is_the_return():
    env = gym.make(PROSTATE, render_mode="rgb_array")
    env.reset(seed=1)
    total = sum(env.step([1, 0])[1] for _ in range(9))
    assert env.unwrapped._renderer.courses.of(0).worth == pytest.approx(total, rel=1e-12)


def test_course_is_what_was_observed():
    env = gym.make("metaenv/Breast-v1", render_mode="rgb_array")
    seen = [env.reset(seed=1)[0]]
    seen += [env.step([2, visit % 3, 0])[0] for visit in range(70)]  # more than the memory's first room
    layout, course = env.unwrapped.layout, env.unwrapped._renderer.courses.of(0)
    seen = np.array(seen, dtype=np.float64)
    assert np.allclose(course.dose, seen[:, layout.dose_given])
    assert np.allclose(course.grade, 4.0 * seen[:, layout.toxicity])
    assert np.allclose(course.seen, 100.0 * seen[:, layout.diameters])
    assert np.allclose(course.day / env.unwrapped.scenario.horizon, seen[:, layout.day][:, 0])


def test_restored_patient_is_drawn_as_at_the_snapshot():
    env = drawn(visits=3).unwrapped
    snapshot, before = env.snapshot(), env.render()
    treat(env, 4)
    after = env.render()
    env.restore(snapshot)
    assert np.array_equal(env.render(), before)
    treat(env, 4)
    assert np.array_equal(env.render(), after)


def test_patient_restored_elsewhere_is_drawn_from_there_on():
    env, fresh = drawn(visits=3).unwrapped, drawn(seed=9, visits=1).unwrapped
    fresh.restore(env.snapshot())
    course = fresh._renderer.courses.of(0)
    assert course.day.tolist() == [84.0] and np.isnan(course.worth)
    assert fresh.render().shape == (480, 640, 3)


@pytest.mark.parametrize("twin_of", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_copy_of_an_environment_draws_for_itself(twin_of):
    env = drawn().unwrapped
    before = env.render()
    twin = twin_of(env)
    treat(twin, 2)
    assert np.array_equal(env.render(), before) and not np.array_equal(twin.render(), before)


# ---- looking changes nothing, and costs nothing where nobody looks


def test_looking_changes_no_trajectory(same):
    silent, seen = gym.make(PROSTATE), gym.make(PROSTATE, render_mode="rgb_array", truth=True)
    same(silent.reset(seed=5), seen.reset(seed=5), "reset")
    for visit in range(12):
        seen.render()
        action = [visit % 3, visit % 2]
        same(silent.step(action), seen.step(action), f"visit {visit}")


def test_nothing_is_imported_before_a_picture_is_asked_for():
    code = (
        "import sys, gymnasium, metaenv\n"
        "heavy = ('PIL', 'pygame', 'matplotlib', 'metaenv.pictures')\n"
        "def loaded(): return [name for name in heavy if name in sys.modules]\n"
        "env = gymnasium.make('metaenv/Strobl2021-v1', render_mode='ansi'); env.reset(seed=0); env.render()\n"
        "assert not loaded(), loaded()\n"
        "env = gymnasium.make('metaenv/Strobl2021-v1', render_mode='rgb_array'); env.reset(seed=0); env.step([1])\n"
        "assert loaded() == ['metaenv.pictures'], loaded()\n"
        "env.render()\n"
        "assert loaded() == ['PIL', 'metaenv.pictures'], loaded()\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_nobody_remembers_courses_where_no_picture_is_asked_for():
    assert gym.make(PROSTATE).unwrapped._renderer is None
    assert gym.make(PROSTATE, render_mode="ansi").unwrapped._renderer is None


# ---- words


@pytest.mark.parametrize("size", [(320, 240), (640, 480)])
def test_gain_is_not_known_where_the_course_was_not_followed(size, monkeypatch):
    written = []
    text = Canvas.text
    monkeypatch.setattr(
        Canvas, "text", lambda canvas, x, y, words, *rest: (written.append(words), text(canvas, x, y, words, *rest))
    )
    env = drawn()
    env.step([1, 1])
    other = drawn(render_size=size)
    other.unwrapped.restore(env.unwrapped.snapshot())
    other.render()
    assert not [words for words in written if "nan" in words] and [words for words in written if "not known" in words]


def test_accents_are_left_out_where_the_font_has_no_such_letter():
    pictures = []
    for words in ("mélanome à Orléans", "melanome a Orleans"):
        canvas = Canvas(200, 20)
        canvas.text(5, 10, words, 11, (0, 0, 0))
        pictures.append(canvas.finish())
    assert np.array_equal(*pictures)


# ---- what is refused


def test_render_before_a_reset_is_refused():
    with pytest.raises(gym.error.ResetNeeded, match="reset"):
        gym.make(PROSTATE, render_mode="rgb_array").unwrapped.render()


@pytest.mark.parametrize("size", [(640,), (640, 0), (640.0, 480), "640x480", (100, 100), 5, (99999, 480), (True, 480)])
def test_impossible_size_is_refused(size):
    with pytest.raises(ValueError, match=r"render_size must be \(width, height\)"):
        gym.make(PROSTATE, render_mode="rgb_array", render_size=size)


def test_unknown_render_mode_is_a_value_error_and_a_type_error():
    for error in (ValueError, TypeError):
        with pytest.raises(error, match="hologram"):
            metaenv.MetastasisEnv(render_mode="hologram")


def test_missing_pillow_is_named_when_a_picture_is_asked_for(monkeypatch):
    env = drawn(visits=1)
    for name in [name for name in sys.modules if name.startswith("metaenv.pictures.")]:
        if name.rpartition(".")[2] in ("canvas", "chart", "tile", "panels", "plots", "body", "axes", "words"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(gym.error.DependencyNotInstalled, match=r"Pillow.*pip install 'metastasis-env\[video\]'"):
        env.render()


# ---- Gymnasium's wrappers


def test_render_collection_keeps_every_visit():
    env = RenderCollection(drawn(visits=0))
    env.reset(seed=0)
    treat(env, 3)
    assert len(env.render()) == 4
    listed = gym.make(PROSTATE, render_mode="rgb_array_list")
    listed.reset(seed=0)
    assert [picture.shape for picture in listed.render()] == [(480, 640, 3)]


def test_picture_can_be_the_observation():
    env = AddRenderObservation(drawn(render_size=(160, 120)))
    observation, _ = env.reset(seed=0)
    assert env.observation_space.contains(observation) and observation.shape == (120, 160, 3)


# ---- many patients


def test_picture_of_a_row_is_that_of_the_single_environment(vector):
    env = vector(PROSTATE, 4, render_mode="rgb_array", truth=True)  # four parts of 1280 x 960
    env.reset(seed=3)
    for _ in range(4):
        env.step(np.tile([1, 1], (4, 1)))
    pictures = env.render()
    assert isinstance(pictures, tuple)
    for row, picture in enumerate(pictures):
        assert np.array_equal(picture, drawn(seed=3 + row, truth=True).render())


def test_grid_is_the_pictures_side_by_side(vector):
    env = vector(PROSTATE, 5, render_mode="rgb_array", render_size=(960, 480))
    env.reset(seed=0)
    pictures, grid = env.render(), env.unwrapped._renderer.grid()
    assert {picture.shape for picture in pictures} == {(240, 320, 3)} and grid.shape == (480, 960, 3)
    assert np.array_equal(grid[:240, 320:640], pictures[1]) and np.array_equal(grid[240:, 320:640], pictures[4])
    assert (grid[240:, 640:] == 255).all()


def test_patients_after_the_first_share_a_card_that_says_so(vector):
    env = vector("metaenv/Strobl2021-v1", PICTURED + 3, render_mode="rgb_array")
    env.reset(seed=0)
    env.step(np.ones((PICTURED + 3, 1), dtype=np.int64))
    pictures = env.render()
    assert len(pictures) == PICTURED + 3 and {picture.shape for picture in pictures} == {(120, 160, 3)}
    assert pictures[-1] is pictures[-2] and not np.array_equal(pictures[-1], pictures[PICTURED - 1])


def test_a_picture_of_each_row_is_drawn_once(vector, monkeypatch):
    env = vector(PROSTATE, 4, render_mode="rgb_array", render_size=(640, 480))
    env.reset(seed=0)
    expected, sheets = env.render(), []
    finish = Canvas.finish
    monkeypatch.setattr(Canvas, "finish", lambda canvas: (sheets.append(canvas), finish(canvas))[1])
    pictures = env.call("render")
    assert len(sheets) == 4 and all(map(np.array_equal, pictures, expected))


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP, AutoresetMode.DISABLED])
def test_course_of_a_successor_starts_at_its_first_visit(vector, brief, mode):
    env = vector(PROSTATE, 3, mode, render_mode="rgb_array", scenario=brief(PROSTATE, 6, 0.2, 1e10))
    env.reset(seed=2)
    courses, successors = env.unwrapped._renderer.courses, 0
    for _ in range(14):
        *_, terminated, truncated, infos = env.step(np.ones((3, 2), dtype=np.int64))
        finished = terminated | truncated
        if mode is AutoresetMode.DISABLED and finished.any():
            _, infos = env.reset(options={"reset_mask": finished})
        for row in range(3):
            course = courses.of(row)
            assert (course.patient, course.day[-1]) == (infos["patient"][row], infos["day"][row])
            assert course.day.tolist() == sorted(set(course.day.tolist())) and course.day[0] == 0.0
            successors += course.day.size == 1
    assert successors > 0
