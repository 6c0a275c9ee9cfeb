"""Studies of the model, one folder each; none knows another."""
