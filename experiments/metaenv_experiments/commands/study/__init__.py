"""Studies of the model itself, each with a page of its own."""
