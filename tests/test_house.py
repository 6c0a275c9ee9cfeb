"""The house holds together: what ships, which way imports point, what a bare import costs, what is pinned."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CORE = {"gymnasium", "numba", "numpy", "safetensors"}
ROOMS = {"metaenv": ".", "metaenv_agents": "agents", "metaenv_experiments": "experiments"}  # packages, where they lie
# Written in halves, so that this file does not name what it forbids.
REGISTRY_HOSTS = tuple(
    f"{name}.{domain}"
    for name, domain in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("download.pytorch", "org"),
        ("anaconda", "org"),
        ("npmjs", "org"),
        ("proxy.golang", "org"),
        ("deb.debian", "org"),
    ]
)


# words that a stranger could not guess
RETIRED = ("doors", "practice", "fates", "foremost", "sheets", "census", "habits", "crowd", "trust", "marks")
RETIRED += ("requests", "told", "place", "contestants")


def files_of_the_repository() -> list[Path]:
    """Every file that git tracks or would track."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def requirements_by_extra() -> dict[str, list[Requirement]]:
    lines = {"": PROJECT["dependencies"], **PROJECT["optional-dependencies"]}
    return {extra: [Requirement(line) for line in requirements] for extra, requirements in lines.items()}


def pins() -> dict[str, Version]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): Version(version) for name, version in pairs}


def needed_by(requirement: Requirement, seen: set[str]) -> set[str]:
    """Names of everything that `requirement` installs here, itself included; `seen` stops circles."""
    name = canonicalize_name(requirement.name)
    key = f"{name}[{','.join(sorted(requirement.extras))}]"
    if key in seen:
        return set()
    seen.add(key)
    names = {str(name)}
    for line in metadata.distribution(requirement.name).requires or []:
        child = Requirement(line)
        if any(child.marker is None or child.marker.evaluate({"extra": e}) for e in ("", *requirement.extras)):
            names |= needed_by(child, seen)
    return names


# ---- what ships


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    builders = pytest.importorskip("hatchling.builders.wheel")
    folder = tmp_path_factory.mktemp("wheel")
    return Path(next(builders.WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])))


def test_wheel_ships_three_packages_whose_names_nobody_else_owns(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        rooms = {name.split("/")[0] for name in archive.namelist()}
    assert rooms == {*ROOMS, f"metastasis_env-{PROJECT['version']}.dist-info"}


@pytest.mark.parametrize("package", ROOMS)
def test_wheel_ships_every_file_of_a_package(wheel: Path, package: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if name.startswith(f"{package}/")}
    tracked = {
        path.relative_to(ROOT / ROOMS[package]).as_posix()
        for path in files_of_the_repository()
        if (ROOT / ROOMS[package] / package) in path.parents
    }
    assert shipped == tracked


def test_core_is_light() -> None:
    assert {requirement.name for requirement in requirements_by_extra()[""]} == CORE


@pytest.mark.parametrize("host", REGISTRY_HOSTS)
def test_no_file_names_a_registry(host: str) -> None:
    found = [path.relative_to(ROOT) for path in files_of_the_repository() if host.encode() in path.read_bytes()]
    assert not found, f"{host} is named in {[str(path) for path in found]}"


def test_versions_agree() -> None:
    version = PROJECT["version"]
    assert metadata.version(PROJECT["name"]) == version
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\n## [{version}] - " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


# ---- which way imports point, and what they cost


def test_imports_point_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    if not linter.exists():
        pytest.skip("import-linter is not installed")
    result = subprocess.run([str(linter), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_compiled_rooms_do_not_reach_up_to_the_package() -> None:
    # The linter's contract covers modules; `from metaenv import name` in a kernel would pass it.
    grimp = pytest.importorskip("grimp")
    graph = grimp.build_graph("metaenv", cache_dir=None)
    rooms = ("metaenv.clinic", "metaenv.dynamics")
    kernels = {*rooms}.union(*(graph.find_descendants(room) for room in rooms))
    assert not kernels & graph.find_modules_that_directly_import("metaenv")


@pytest.mark.parametrize("heavy", ["torch", "stable_baselines3", "pandas", "scipy", "matplotlib", "numba"])
def test_importing_metaenv_is_light(heavy: str, modules_of_a_bare_import: set[str]) -> None:
    assert heavy not in modules_of_a_bare_import


@pytest.fixture(scope="module")
def modules_of_a_bare_import() -> set[str]:
    code = "import sys, metaenv; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return set(result.stdout.split())


# ---- what is pinned


@pytest.mark.parametrize("extra", ["", *PROJECT["optional-dependencies"]])
def test_constraints_pin_what_each_extra_asks_for(extra: str) -> None:
    for requirement in requirements_by_extra()[extra]:
        pin = pins().get(canonicalize_name(requirement.name))
        assert pin is not None, f"constraints.txt has no {requirement.name}"
        assert requirement.specifier.contains(pin), f"{requirement} refuses the pinned {pin}"


@pytest.mark.parametrize("extra", ["", *PROJECT["optional-dependencies"]])
def test_constraints_pin_every_indirect_dependency(extra: str) -> None:
    seen: set[str] = set()
    for requirement in requirements_by_extra()[extra]:
        try:
            needed = needed_by(requirement, seen)
        except metadata.PackageNotFoundError as missing:
            pytest.skip(f"{missing.name} is not installed")
        assert not needed - pins().keys(), f"constraints.txt lacks {sorted(needed - pins().keys())}"


# ---- what the texts promise


@pytest.mark.parametrize("text", ["README.md", "CONTRIBUTING.md"])
def test_make_targets_named_in_the_texts_exist(text: str) -> None:
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", (ROOT / text).read_text(encoding="utf-8"), flags=re.MULTILINE))
    offered = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert named, f"{text} names no make target"
    assert named <= offered, f"{text} promises {sorted(named - offered)}"


def test_ci_ends_with_the_tests() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111, ".ci/run is not executable"
    assert script.read_text(encoding="utf-8").splitlines()[-1] == "make test"


def test_tests_are_no_package() -> None:
    # tests/metaenv/__init__.py would shadow the package.
    assert not list((ROOT / "tests").rglob("__init__.py"))


# ---- what things are called


@cache
def names_in(path: Path) -> set[str]:
    """What a file, its classes and its functions are called, in small letters and without underscores in front."""
    defined = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {path.stem, path.parent.name, *(node.name for node in ast.walk(tree) if isinstance(node, defined))}
    return {name.lower().strip("_") for name in names}


@pytest.mark.parametrize("package", ROOMS)
@pytest.mark.parametrize("word", RETIRED)
def test_no_module_class_or_function_has_a_name_that_was_retired(word: str, package: str) -> None:
    files = (ROOT / ROOMS[package] / package).rglob("*.py")
    found = sorted(str(path.relative_to(ROOT)) for path in files if word in names_in(path))
    assert not found
