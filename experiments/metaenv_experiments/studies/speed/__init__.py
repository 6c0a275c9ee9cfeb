"""How fast the environments and training are."""
