"""What the numbers rest on, who the patients are, and what is validated."""
