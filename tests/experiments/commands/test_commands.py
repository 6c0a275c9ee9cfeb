"""A command is a file, found by its name, and told of by the first line of its module."""

import pytest

from metaenv_experiments import commands as room
from metaenv_experiments.commands import Chosen, choose, commands, overview
from metaenv_experiments.running.options import UsageError


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A room of commands of our own: `feed-cat` and the group `pet` with `dog`."""
    (tmp_path / "feed_cat.py").write_text('"""Give it milk.\n\nNot every day."""\n')
    (tmp_path / "__init__.py").write_text('"""No command."""')
    (tmp_path / "notes.txt").write_text("no command either")
    (tmp_path / "pet").mkdir()
    (tmp_path / "pet" / "__init__.py").write_text('"""Be nice to somebody."""')
    (tmp_path / "pet" / "dog.py").write_text('raise RuntimeError("imported for nothing")')
    (tmp_path / "__pycache__").mkdir()
    monkeypatch.setattr(room, "ROOM", tmp_path)
    return tmp_path


def test_every_file_and_every_group_is_listed_with_its_first_line_and_none_is_imported(place):
    assert commands(place) == {"feed-cat": "Give it milk.", "pet": "Be nice to somebody."}
    assert commands(place / "pet") == {"dog": ""}


def test_words_lead_to_a_file_and_what_is_left_are_its_options(place):
    assert choose(["feed-cat", "--milk", "1"]) == Chosen(("feed-cat",), ("--milk", "1"))
    assert choose(["feed-cat"]).module == "metaenv_experiments.commands.feed_cat"
    chosen = choose(["pet", "dog", "pet"])
    assert (chosen.words, chosen.rest, chosen.is_group) == (("pet", "dog"), ("pet",), False)


@pytest.mark.parametrize("asked", [[], ["--help"], ["-h", "dog"]])
def test_a_group_alone_or_with_a_request_for_help_is_the_group(asked, place):
    chosen = choose(["pet", *asked])
    assert chosen.is_group and chosen.words == ("pet",) and chosen.rest == tuple(asked)
    text = overview(chosen)
    assert text.splitlines()[0] == "usage: metaenv pet COMMAND [OPTIONS], `metaenv pet COMMAND --help` tells more"
    assert text.splitlines()[2].strip() == "dog"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["cat"], "the command of `metaenv` must be one of feed-cat, pet, got 'cat'"),
        (["feed_cat"], "the command of `metaenv` must be one of feed-cat, pet, got 'feed_cat'"),
        (["pet", "cat", "--help"], "the command of `metaenv pet` must be one of dog, got 'cat'"),
        (["../commands"], "got '../commands'"),
    ],
)
def test_another_word_is_refused_with_those_that_there_are(asked, said, place):
    with pytest.raises(UsageError) as refusal:
        choose(asked)
    assert str(refusal.value).endswith(said)
