"""Where compiled code is kept."""

import tempfile
from pathlib import Path

from metaenv.dynamics import compile as compiling


def test_where_nobody_knows_a_home_compiled_code_is_kept_in_the_temporary_folder(monkeypatch, tmp_path):
    def lost(path):
        raise RuntimeError("Could not determine home directory.")

    for variable in ("METAENV_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(Path, "expanduser", lost)
    folder = compiling._cache_folder()
    assert folder.is_dir() and tmp_path in folder.parents
