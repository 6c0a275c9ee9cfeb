"""How patients fare under a policy: tasks, policies, rollouts, benchmarks, metrics and their statistics."""
