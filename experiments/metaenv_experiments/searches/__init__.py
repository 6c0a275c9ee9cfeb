"""What is searched for rules: their parameters."""
