import json

import pytest

from metaenv_agents.rl.checkpoint import CheckpointFolder, TornCheckpointError

FILES = {"model.zip": b"weights", "state.pkl": b"\x00\x01"}


@pytest.fixture
def folder(tmp_path):
    return CheckpointFolder(path=tmp_path / "checkpoints", keep=2)


def test_what_was_saved_is_read(folder):
    folder.save(128, FILES)
    latest = folder.latest()
    assert (latest.steps, latest.files) == (128, FILES)


def test_nothing_saved_nothing_read(folder):
    assert folder.latest() is None


def test_the_newest_are_kept(folder):
    for steps in (1, 20, 300):
        folder.save(steps, FILES)
    assert [place.name for place in folder.folders()] == ["000000000300", "000000000020"]
    assert folder.latest().steps == 300


def test_same_steps_replace(folder):
    folder.save(5, FILES)
    folder.save(5, {"model.zip": b"other"})
    assert folder.latest().files == {"model.zip": b"other"}


def cut(place):
    (place / "model.zip").write_bytes(b"weig")


def flip(place):
    (place / "model.zip").write_bytes(b"weightz")


def lose_file(place):
    (place / "state.pkl").unlink()


def lose_manifest(place):
    (place / "manifest.json").unlink()


def cut_manifest(place):
    manifest = place / "manifest.json"
    manifest.write_bytes(manifest.read_bytes()[:-20])


def age_manifest(place):
    (place / "manifest.json").write_text(json.dumps({"format": 0, "steps": 2, "sha256": {}}))


DAMAGES = [cut, flip, lose_file, lose_manifest, cut_manifest, age_manifest]


@pytest.mark.parametrize("damage", DAMAGES)
def test_torn_checkpoint_is_refused_and_the_previous_used(folder, damage):
    folder.save(1, FILES)
    damage(folder.save(2, FILES))
    with pytest.warns(RuntimeWarning, match="refused a checkpoint.*000000000002"):
        assert folder.latest().steps == 1


def test_all_torn_is_an_error_that_names_each(folder):
    cut(folder.save(1, FILES))
    lose_manifest(folder.save(2, FILES))
    with (
        pytest.warns(RuntimeWarning, match="refused"),
        pytest.raises(TornCheckpointError, match=r"no whole checkpoint .*manifest\.json.*SHA-256"),
    ):
        folder.latest()


def test_a_kill_while_writing_leaves_the_previous(folder, monkeypatch):
    folder.save(1, FILES)

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("metaenv_agents.rl.checkpoint._manifest", killed)
    with pytest.raises(KeyboardInterrupt):
        folder.save(2, FILES)
    monkeypatch.undo()
    assert folder.latest().steps == 1
    assert any(each.name.endswith(".partial") for each in folder.path.iterdir())
    folder.save(3, FILES)
    assert not any(each.name.endswith(".partial") for each in folder.path.iterdir())


def test_keeping_none_is_refused(tmp_path):
    with pytest.raises(ValueError, match="keep must be >= 1"):
        CheckpointFolder(path=tmp_path, keep=0)
