"""The workshop: trains, evaluates, compares, measures and draws. Run `python -m experiments --help`."""
