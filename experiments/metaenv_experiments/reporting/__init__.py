"""Tables, figures and pages of finished runs; nothing is simulated here."""
