"""`plot`: figures and page once more, from a folder alone."""

import pytest

from metaenv_experiments.running.failures import BAD_REQUEST


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--run", "/nowhere"], "--run must be a run folder, got /nowhere"),
        (["--run", "/nowhere", "--out", __file__], "--out must be a folder, got"),
        (["--run", "/"], "has no episodes.parquet, summary.json"),
    ],
)
def test_a_bad_request_is_answered_at_the_door(options, message, refused):
    refused(["plot", *options], message)


@pytest.mark.usefixtures("no_pictures")  # of the benchmark
def test_it_works_from_a_folder_that_was_moved(run, tmp_path):
    out = tmp_path / "run"
    asked = ["benchmark", "--policies", "maximum_tolerated_dose", "--patients", 4, "--watch", 2, "--out", out]
    assert run(asked)[0] == 0
    moved = out.rename(tmp_path / "moved")
    code, text = run(["plot", "--run", moved, "--out", tmp_path / "pictures"])
    assert code == 0, text
    names = sorted(path.name for path in (tmp_path / "pictures").iterdir())
    assert names == ["course.png", "outcomes.png", "survival.png"]
    code, text = run(["plot", "--run", moved, "--patient", 1])
    assert (code, "must be one of those stored, 200000, 200001, got 1" in text) == (BAD_REQUEST, True)
