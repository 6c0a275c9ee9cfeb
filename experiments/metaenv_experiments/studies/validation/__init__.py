"""The page of published cases that the model reproduces."""
