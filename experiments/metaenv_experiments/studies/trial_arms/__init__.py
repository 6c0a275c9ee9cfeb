"""Arms of published trials: what was published, what is simulated, and the fit of one to the other."""
