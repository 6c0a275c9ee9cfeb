"""The workshop: trains, evaluates, compares, measures and draws. Run `metaenv --help`."""
