"""Every number of a preset says where it comes from, and every key that is cited stands in references.bib."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "metaenv"
PRESETS = [PACKAGE / "diseases" / "prostate.py", PACKAGE / "diseases" / "strobl2021.py"]
PRESETS += sorted(path for path in (PACKAGE / "drugs").glob("*.py") if path.stem not in ("__init__", "drug"))
CITING = sorted(path for room in ("metaenv", "agents") for path in (ROOT / room).rglob("*.py"))
TEXTS = sorted((ROOT / "docs").glob("*.md"))

KEY = re.compile(r"\b(?:[A-Z][A-Za-z]*[a-z](?:19|20)\d{2}|NICETA\d+|(?:Docetaxel|Abiraterone)Label)\b")
MARK = re.compile(r"\b(?:guess(?:es)?|fitted|calibrated)\b")
UNIT = re.compile(
    r"\b(?:days?|weeks|h|cells?|log10|ln|mm|Gy|years?|ng/mL|1e9/L|umol/L|factor|share|relative|coefficient|exponent)\b"
    r"|/day|/Gy|/division|/cell"
)
NEUTRAL = {0, 1}  # switches something off, or leaves it as it is
COUNTS = {"lesions"}  # sizes of arrays


def keys_in_the_bibliography():
    return re.findall(r"^@\w+\{([^,\s]+),", (PACKAGE / "references.bib").read_text(encoding="utf-8"), re.MULTILINE)


def comments_of(text):
    """Line -> comment."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}


def numbers_of(text):
    """Line -> (value, name of the keyword or constant that it belongs to), for every number outside docstrings."""
    found = {}

    def walk(node, name):
        if isinstance(node, ast.keyword) and node.arg:
            name = node.arg
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
            found.setdefault(node.lineno, []).append((node.value, name))
        for child in ast.iter_child_nodes(node):
            walk(child, name)

    walk(ast.parse(text), "")
    return found


def comment_of(line, lines, comments):
    """The comment of a line and the block of comments above it, or above the run of like calls that it belongs to."""
    said = [comments.get(line, "")]
    call = re.match(r"\s*\w+\(", lines[line - 1])
    above = line - 1
    while call and above > 0 and lines[above - 1].startswith(call.group()):
        above -= 1
    while above > 0 and lines[above - 1].lstrip().startswith("#"):
        said.append(comments[above])
        above -= 1
    return " ".join(said)


def structural(numbers):
    return all(value in NEUTRAL or name in COUNTS for value, name in numbers)


def unexplained(path):
    text = path.read_text(encoding="utf-8")
    lines, comments, known = text.splitlines(), comments_of(text), set(keys_in_the_bibliography())
    missing = []
    for line, numbers in sorted(numbers_of(text).items()):
        said = comment_of(line, lines, comments)
        sourced = bool(MARK.search(said)) or bool(known.intersection(KEY.findall(said)))
        if not (sourced or UNIT.search(said) or structural(numbers)):
            missing.append(f"{path.relative_to(ROOT)}:{line}: {lines[line - 1].strip()}")
    return missing


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.name)
def test_every_number_of_a_preset_says_its_unit_or_source(path):
    missing = unexplained(path)
    assert not missing, "no unit, source, guess, fitted or calibrated:\n" + "\n".join(missing)


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
        ("X = f(a=0.3)", True),
        ("X = f(a=0.3)  # guess", False),
        ("X = f(a=0.3)  # /day", False),
        ("X = f(a=0.3)  # Source: Bozic2013", False),
        ("X = f(a=0.3)  # Source: Nobody1900", True),
        ("X = f(a=0.3)  # because", True),
        ("X = f(a=0.0)", False),
        ("# guess\nX = f(a=0.3)", False),
        ("# guess\nY = 0\nX = f(a=0.3)", True),
    ],
)
def test_the_test_itself_finds_bare_numbers(line, found, tmp_path, monkeypatch):
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    preset = tmp_path / "preset.py"
    preset.write_text(f"{line}\n", encoding="utf-8")
    assert bool(unexplained(preset)) is found
