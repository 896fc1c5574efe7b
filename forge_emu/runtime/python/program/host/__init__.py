"""The host process: forks instances and forwards lines."""
