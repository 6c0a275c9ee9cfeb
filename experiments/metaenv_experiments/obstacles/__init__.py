"""The barriers to cure: removed one by one, treated again, and what that shows."""
