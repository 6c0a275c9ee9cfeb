"""Published cases are recorded as they are compared; a missed one is said so, and docs/validation.md lists them all."""

import shutil
from pathlib import Path

import pytest

from metaenv_experiments.__main__ import main
from metaenv_experiments.commands.study import validate
from metaenv_experiments.studies.validation.page import definitions, page

FAKE = '''
"""Case 0: arithmetic. Source: nobody."""

import pytest


def test_that_is_met(published):
    published(case="0 one and one", value=2, ours=1 + 1, abs=0.1, source="exact")
    published(case="0 sign", value="> 0", ours=3.0, within=3.0 > 0.0, tolerance="sign", source="exact")


@pytest.mark.parametrize("ours", [9.9, 12.0])
def test_that_is_met_once(published, ours):
    published(case=f"0 ten, {ours}", value=10.0, ours=ours, rel=0.05, source="exact")


def test_that_breaks(published):
    raise ValueError("broken | before it compared")
'''


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """A folder of tests with the fixture of the published ones."""
    folder = tmp_path / "published"
    folder.mkdir()
    shutil.copy(validate.TESTS / "conftest.py", folder)
    (folder / "test_fake.py").write_text(FAKE, encoding="utf-8")
    monkeypatch.setattr(validate, "TESTS", folder)
    monkeypatch.setattr(validate, "PAGE", tmp_path / "validation.md")
    return folder


def test_comparisons_are_collected_printed_and_written(fake, capsys):
    with pytest.raises(SystemExit) as leaving:
        main(["study", "validate"])
    assert leaving.value.code == validate.FAILED
    printed = capsys.readouterr().out
    assert "4 tests, 4 comparisons, 2 tests FAILED" in printed
    text = (fake.parent / "validation.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| 0") or "ended otherwise" in line]
    assert lines == [
        "| 0 one and one | 2 | 2 | ±0.1 | exact | met |",
        "| 0 sign | > 0 | 3 | sign | exact | met |",
        "| 0 ten, 9.9 | 10 | 9.9 | ±5 % | exact | met |",
        "| 0 ten, 12.0 | 10 | 12 | ±5 % | exact | FAILED |",
        r"| test_that_breaks ended otherwise | – | ValueError: broken \| before it compared | – | – | FAILED |",
    ]
    assert "### Case 0: arithmetic\n" in text
    assert "**2 tests FAILED**, of `test_that_breaks` (test_fake.py), `test_that_is_met_once` (test_fake.py)." in text


@pytest.mark.slow
def test_processes_share_the_tests_and_one_writes(fake, capsys):
    (fake / "test_fake.py").write_text(FAKE.replace("12.0]", "10.1]").split("def test_that_breaks")[0])
    assert main(["study", "validate", "--workers", "2", "--quick"]) == 0
    assert "3 tests, 4 comparisons, 0 tests FAILED" in capsys.readouterr().out
    assert not (fake.parent / "validation.md").exists()  # the quick ones alone write no page


def test_tests_that_cannot_run_are_no_result(fake, capsys):
    (fake / "test_fake.py").write_text("import nothing_of_that_name")
    assert main(["study", "validate"]) == 2
    assert "could not run" in capsys.readouterr().err


def test_the_page_lists_every_published_test_and_no_other():
    text = validate.PAGE.read_text(encoding="utf-8")
    sections = dict(section.split("`", 1) for section in text.split("\n`tests/published/")[1:])
    found = {file: [line.split("`")[1] for line in part.splitlines() if line.startswith("`test_")]
             for file, part in sections.items()}  # fmt: skip
    assert found == {file: names for file, (_, names) in definitions(validate.TESTS).items()}, (
        "docs/validation.md is stale: metaenv study validate"
    )


def test_every_published_test_compares():
    for path in sorted(validate.TESTS.glob("test_*.py")):
        for block in path.read_text(encoding="utf-8").split("\ndef test_")[1:]:
            assert "published" in block.split(":\n")[0], f"{path.name}: test_{block.split('(')[0]} compares nothing"


def test_a_page_says_what_was_not_run():
    folder = Path(validate.TESTS)
    text = page(validate.chapters(folder, []), "notes")
    assert text.count(": not run") == sum(len(names) for _, names in definitions(folder).values())


@pytest.mark.parametrize("options", [[], ["--quick", "--out", "page.md"]])
def test_it_needs_a_checkout(options, monkeypatch, refused):
    monkeypatch.setattr(validate, "CHECKOUT", None)
    said = "validate needs a checkout of the project, whose tests/published it runs"
    refused(["study", "validate", *options], said)


def test_a_page_is_a_file(refused):
    refused(["study", "validate", "--out", "."], "--out must be a file, not a folder, got")


def test_what_the_diseases_must_hold_is_a_chapter_one_level_down():
    text = page([], "## Notes", "# What must hold\n\n## lung\n\n| a |")
    assert "\n## What must hold\n\n### lung\n\n| a |\n" in text
    assert text.endswith("## Notes\n")
