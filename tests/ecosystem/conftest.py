"""How an example of docs/examples is run: as its user would, alone, outside the checkout."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
LINES = {"cleanrl_ppo.py": 80}  # a whole learner; anything else that is longer than 50 lines is not copied


@pytest.fixture
def last_line(tmp_path: Path) -> Callable[..., str]:
    """Run an example in an empty folder; its last line, once it has ended well."""

    def run(name: str, *arguments: object, **environment: str) -> str:
        example = EXAMPLES / name
        assert len(example.read_text(encoding="utf-8").splitlines()) <= LINES.get(name, 50)
        runner = "bash" if example.suffix == ".sh" else sys.executable
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        seen = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"PATH": path} | environment
        command = [runner, str(example), *map(str, arguments)]
        done = subprocess.run(command, cwd=tmp_path, env=seen, capture_output=True, text=True, check=False, timeout=900)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-8000:]
        return done.stdout.strip().splitlines()[-1]

    return run
