"""Tables, pictures and pages of finished runs; nothing is simulated for them but watched patients."""
