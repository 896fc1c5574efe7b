"""The host process: forks instances and passes lines on."""
