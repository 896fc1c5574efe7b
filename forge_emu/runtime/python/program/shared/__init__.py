"""Used by the host process and by the instances."""
