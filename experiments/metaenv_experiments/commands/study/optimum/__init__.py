"""The two-population model whose optimum is exact: policies compared with it, and taught by it."""
