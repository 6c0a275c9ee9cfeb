"""What the numbers of the model rest on, and which of them move its results."""
