"""Training into a run folder: the best is kept, and an interrupted run goes on as if nothing had happened."""

import signal

import pytest

from metaenv_agents.rl.learners.ppo import PPOSettings
from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_experiments.commands.train import Options
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.trained_policies import trained
from metaenv_experiments.evaluation.training_record import TrainingRecord
from metaenv_experiments.running.options import UsageError
from metaenv_experiments.running.run_folder import LAST, POLICY, RunFolder
from metaenv_experiments.training import training_run
from metaenv_experiments.training.training_run import BEST, BOARD, Learning, examined

SETTINGS = PPOSettings(
    total_timesteps=512, n_envs=8, n_steps=16, batch_size=128, n_epochs=1, evaluate_every=1, checkpoint_every=1
)
TASK = Task(disease="prostate", cohort="test", patients=2, seed=0)


def make_learning(out, *, resume=False):
    folder = RunFolder.create(Options(out=out, resume=resume), out=out, resume=resume)
    return Learning(disease="prostate", settings=SETTINGS, seed=0, folder=folder, validation_patients=2)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """One uninterrupted training."""
    learning = make_learning(tmp_path_factory.mktemp("whole") / "run")
    learning.run()
    return learning.folder


def test_the_best_on_validation_patients_is_kept(whole):
    record = TrainingRecord.read(whole.path)
    assert record.finished and record.steps == SETTINGS.total_timesteps
    assert [score.steps for score in record.scores] == [128, 256, 384, 512]
    best = max(score.mean_return for score in record.scores)
    assert whole.read_json(BEST)["score"] == record.best == best
    kept = TrainedPolicy.from_bytes((whole.path / POLICY).read_bytes())
    task = Task(disease="prostate", cohort="validation", patients=2, seed=0)
    assert examined(task, kept)["mean_return"] == pytest.approx(best)
    assert any((whole.path / BOARD).iterdir())


def test_tensorboard_shows_how_the_validation_patients_fared(whole):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    board = EventAccumulator(str(whole.path / BOARD))
    board.Reload()
    shown = {
        name.removeprefix("validation/"): board.Scalars(name)
        for name in board.Tags()["scalars"]
        if name.startswith("validation/")
    }
    task = Task(disease="prostate", cohort="validation", patients=2, seed=0)
    last = examined(task, TrainedPolicy.from_bytes((whole.path / LAST).read_bytes()))
    assert {"survival_years", "toxic", "dose_intensity_docetaxel", "mean_return"} <= set(last)
    for name, value in last.items():
        assert [point.step for point in shown[name]] == [128, 256, 384, 512]
        assert shown[name][-1].value == pytest.approx(value)


def test_an_interrupted_training_resumes_to_the_same_policy(whole, tmp_path, monkeypatch):
    real, calls = training_run.play, []

    def play(*arguments, **options):
        calls.append(1)
        if len(calls) == 2:
            signal.raise_signal(signal.SIGINT)
        return real(*arguments, **options)

    monkeypatch.setattr(training_run, "play", play)
    stopped = make_learning(tmp_path / "run").run()
    assert not stopped.finished and stopped.steps == 256
    assert make_learning(tmp_path / "run", resume=True).run().finished
    assert len(calls) == 4
    for name in (POLICY, LAST):
        assert (tmp_path / "run" / name).read_bytes() == (whole.path / name).read_bytes()
    assert TrainingRecord.read(tmp_path / "run").scores == TrainingRecord.read(whole.path).scores


def test_a_trained_policy_takes_part_under_its_algorithms_name(whole):
    policy = trained(whole.path, TASK)
    assert policy.name == "ppo"
    assert "trained for 512 visits" in policy.note


def test_a_policy_trained_for_another_disease_is_refused(whole):
    with pytest.raises(UsageError, match="cannot treat strobl2021"):
        trained(whole.path, Task(disease="strobl2021", cohort="test", patients=2, seed=0))


@pytest.mark.parametrize("size", [0, 40, 2_000])
def test_a_policy_cut_short_is_refused(whole, tmp_path, size):
    for name in (TrainingRecord.file, "provenance.json"):
        (tmp_path / name).write_bytes((whole.path / name).read_bytes())
    (tmp_path / POLICY).write_bytes((whole.path / POLICY).read_bytes()[:size])
    with pytest.raises(UsageError, match=f"policy of {tmp_path} cannot treat prostate: "):
        trained(tmp_path, TASK)


def test_a_folder_without_a_policy_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"has no training\.json, policy\.npz"):
        trained(tmp_path, TASK)
