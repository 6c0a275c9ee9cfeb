"""What a trained policy does and when, as a figure, a small decision tree and words."""
