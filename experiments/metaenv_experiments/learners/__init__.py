"""How policies are trained, and read afterwards."""
