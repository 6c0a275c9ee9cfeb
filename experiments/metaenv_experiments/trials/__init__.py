"""Who is treated by whom, and what counts: tasks, policies, episodes, estimates."""
