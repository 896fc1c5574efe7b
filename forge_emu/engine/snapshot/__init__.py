"""The state of an engine as data: what is saved, and how an engine is restored from it."""
