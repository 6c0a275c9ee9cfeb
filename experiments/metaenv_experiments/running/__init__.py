"""What every command stands on: run folders, processes, the screen, and how a request is refused."""
