"""Published trials: their numbers, their arms simulated, and fits to them."""
