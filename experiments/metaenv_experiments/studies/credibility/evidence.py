"""Counts what the numbers of diseases and drugs rest on, by the marks that stand on their lines."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

import metaenv

PACKAGE = Path(metaenv.__file__).parent
CLASSES = ("source", "fitted", "guess", "unit only")  # a line counts once, by the weakest of its marks
KEY = re.compile(r"\b\w*[A-Za-z]\w*\d+\b|\b[A-Z][A-Za-z]+Label\b")  # what may be a key of references.bib
GUESS, FITTED = re.compile(r"\bguess(?:es)?\b"), re.compile(r"\b(?:fitted|calibrated)\b")
NEUTRAL = {0, 1}  # switches something off, or leaves it as it is
SIZES = {"lesions"}  # sizes of arrays


def count_evidence() -> pd.DataFrame:
    """Count the lines with numbers of every preset.

    Returns:
        One row per file: kind (disease or drug), name, and the lines of each of `CLASSES`.
    """
    keys = set(re.findall(r"^@\w+\{([^,\s]+),", (PACKAGE / "references.bib").read_text(encoding="utf-8"), re.M))
    rows = []
    for kind, path in _presets():
        counts = Counter(classify(comment, keys) for comment in comments_on_numbers(path.read_text(encoding="utf-8")))
        rows.append({"kind": kind, "name": path.stem, **{name: counts[name] for name in CLASSES}})
    return pd.DataFrame(rows)


def classify(comment: str, keys: set[str]) -> str:
    """Return the weakest mark of a comment: a guess, a fit, a source, or none of them."""
    if GUESS.search(comment):
        return "guess"
    if FITTED.search(comment):
        return "fitted"
    return "source" if keys.intersection(KEY.findall(comment)) else "unit only"


def comments_on_numbers(text: str) -> Iterator[str]:
    """For every line with a number that says something: its comment and the comments right above it."""
    lines = text.splitlines()
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}
    for line, numbers in sorted(_numbers(ast.parse(text)).items()):
        if not all(value in NEUTRAL or name in SIZES for value, name in numbers):
            yield _comment(line, lines, comments)


def _presets() -> Iterator[tuple[str, Path]]:
    for kind, folder, machinery in (("disease", "diseases", "disease"), ("drug", "drugs", "drug")):
        for path in sorted((PACKAGE / folder).glob("*.py")):
            if path.stem not in ("__init__", machinery):
                yield kind, path


def _numbers(tree: ast.AST) -> dict[int, list[tuple[float, str]]]:
    """Line -> (value, keyword or constant that it belongs to), for every number outside docstrings."""
    found: dict[int, list[tuple[float, str]]] = {}

    def walk(node: ast.AST, name: str) -> None:
        """Find the numbers below a node; `name` is what they belong to unless they say otherwise."""
        if isinstance(node, ast.keyword) and node.arg:
            name = node.arg
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
            found.setdefault(node.lineno, []).append((float(str(node.value)), name))
        for child in ast.iter_child_nodes(node):
            walk(child, name)

    walk(tree, "")
    return found


def _comment(line: int, lines: list[str], comments: dict[int, str]) -> str:
    """The comment of a line and the block above it, or above the run of like calls that it belongs to."""
    said = [comments.get(line, "")]
    call = re.match(r"\s*\w+\(", lines[line - 1])
    above = line - 1
    while call and above > 0 and lines[above - 1].startswith(call.group()):
        above -= 1
    while above > 0 and lines[above - 1].lstrip().startswith("#"):
        said.append(comments[above])
        above -= 1
    return " ".join(said)
