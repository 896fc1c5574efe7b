"""Facts about Python sources."""
