"""Every number of a preset says where it comes from, and every key that is cited stands in references.bib."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "metaenv"
PRESETS = sorted(path for room in ("diseases", "drugs") for path in (PACKAGE / room).glob("[!_]*.py"))
CITING = sorted(path for room in ("metaenv", "agents") for path in (ROOT / room).rglob("*.py"))
TEXTS = sorted((ROOT / "docs").glob("*.md"))

KEY = re.compile(r"\b(?:[A-Z][A-Za-z]*[a-z](?:19|20)\d{2}|NICETA\d+|(?:Docetaxel|Abiraterone)Label)\b")
MARK = re.compile(r"\b(?:guess(?:es)?|fitted|calibrated|label|textbook)\b")  # label: of the drug that the file is about
DIMENSION = (
    r"\b(?:days?|weeks|h|cells?|mm|mL|Gy|years?|ng/mL|1e9/L|umol/L)\b|\blog10\b|/day|\bper day\b|/Gy|/division|/cell"
)
DECLARED = rf"# (?:weighted )?(?:{DIMENSION})"  # a field says its unit first
UNIT = re.compile(DIMENSION + r"|\b(?:ln|factor|share|relative|coefficient|exponent|number|sites?)\b")
NEUTRAL = {0, 1}  # switches something off, or leaves it as it is
COUNTS = {"lesions"}  # sizes of arrays


def keys_in_the_bibliography():
    return re.findall(r"^@\w+\{([^,\s]+),", (PACKAGE / "references.bib").read_text(encoding="utf-8"), re.MULTILINE)


def comments_of(text):
    """Line -> comment."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}


def numbers_of(text):
    """Line -> (value, name of the field or constant that it belongs to), for every number outside of methods."""
    found = {}

    def walk(node, name):
        if isinstance(node, ast.keyword) and node.arg:
            name = node.arg
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            name = target.id if isinstance(target, ast.Name) else name
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
            found.setdefault(node.lineno, []).append((node.value, name))
        for child in ast.iter_child_nodes(node):
            if not (isinstance(node, ast.ClassDef) and isinstance(child, ast.FunctionDef)):  # a method is a law
                walk(child, name)

    walk(ast.parse(text), "")
    return found


def declarations():
    """Field of a disease, drug or toxicity -> comment on its declaration."""
    said = {}
    for path in (PACKAGE / "diseases" / "disease.py", PACKAGE / "drugs" / "drug.py", PACKAGE / "drugs" / "toxicity.py"):
        text = path.read_text(encoding="utf-8")
        comments = comments_of(text)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                said.setdefault(node.target.id, comments.get(node.lineno, ""))
    return said


def comment_of(line, lines, comments):
    """The comment on a line and the block of comments right above it."""
    said = [comments.get(line, "")]
    above = line - 1
    while above > 0 and lines[above - 1].lstrip().startswith("#"):
        said.append(comments[above])
        above -= 1
    return " ".join(said)


def structural(numbers):
    return all(value in NEUTRAL or name in COUNTS for value, name in numbers)


def unexplained(path):
    """Lines with a number that lacks a source, or a unit where its field has one."""
    text = path.read_text(encoding="utf-8")
    lines, comments = text.splitlines(), comments_of(text)
    known, declared = set(keys_in_the_bibliography()), declarations()
    missing = []
    for line, numbers in sorted(numbers_of(text).items()):
        said = comment_of(line, lines, comments)
        sourced = bool(MARK.search(said)) or bool(known.intersection(re.findall(r"\w+", said)))
        dimensional = any(re.match(DECLARED, declared.get(name, "# days")) for _, name in numbers)
        if not structural(numbers) and not (sourced and (UNIT.search(said) or not dimensional)):
            missing.append(f"{path.relative_to(ROOT)}:{line}: {lines[line - 1].strip()}")
    return missing


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.name)
def test_every_number_of_a_preset_says_its_unit_and_source(path):
    missing = unexplained(path)
    assert not missing, "no unit, or neither source nor guess, fitted, calibrated:\n" + "\n".join(missing)


def uncited(path, known):
    """Lines that name a key or a source which the bibliography lacks."""
    missing = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        plain = re.sub(r"`[^`]*`", "", line)  # code is no citation
        wanted = {match for match in KEY.findall(plain) if f"/{match}" not in plain}
        wanted |= set(re.findall(r"Source: (\w+)", plain))
        if wanted - known:
            missing.append(f"{path.relative_to(ROOT)}:{number}: {sorted(wanted - known)} in: {line.strip()}")
    return missing


@pytest.mark.parametrize("path", [*CITING, *TEXTS], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_cited_key_is_in_the_bibliography(path):
    missing = uncited(path, set(keys_in_the_bibliography()))
    assert not missing, "\n".join(missing)


def test_no_key_stands_twice_in_the_bibliography():
    keys = keys_in_the_bibliography()
    assert len(keys) > 50
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("X = f(half_life=0.3)", True),
        ("X = f(half_life=0.3)  # guess", True),
        ("X = f(half_life=0.3)  # days", True),
        ("X = f(half_life=0.3)  # days; guess", False),
        ("X = f(half_life=0.3)  # days; Source: Bozic2013", False),
        ("X = f(half_life=0.3)  # days; Source: Nobody1900", True),
        ("X = f(half_life=0.3)  # days; because", True),
        ("X = f(half_life=0.0)", False),
        ("X = f(hill=1.5)", True),
        ("X = f(hill=1.5)  # guess", False),
        ("X = 0.3  # guess", True),
        ("X = 0.3  # factor; guess", False),
        ("# days; guess\nX = f(half_life=0.3)", False),
        ("# days; guess\nY = 0\nX = f(half_life=0.3)", True),
        ("# days; guess\nX = (\n    f(half_life=0.3),\n    f(half_life=0.4),\n)", True),
        ("X = (\n    f(half_life=0.3),  # days; guess\n    f(half_life=0.4),\n)", True),
        ("X = (\n    f(half_life=0.3),  # days; guess\n    f(half_life=0.4),  # days; guess\n)", False),
        ("X = (\n    # days; guess\n    f(half_life=0.3),\n    f(half_life=0.4),\n)", True),
        ("X = f(\n    half_life=0.3,\n)  # days; guess", True),
        ("class X:\n    half_life: float = 0.3", True),
        ("class X:\n    half_life: float = 0.3  # days; guess", False),
        ("class X:\n    def f(self):\n        return 0.5", False),
        ("def x():\n    return f(half_life=0.3)", True),
    ],
)
def test_the_test_itself_finds_bare_numbers(line, found, tmp_path, monkeypatch):
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    preset = tmp_path / "preset.py"
    preset.write_text(f"{line}\n", encoding="utf-8")
    assert bool(unexplained(preset)) is found
