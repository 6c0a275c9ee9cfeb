"""How policies are trained: learning into a run folder, several diseases at once, searches for parameters."""
