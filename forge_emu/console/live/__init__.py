"""The live console: a full-screen view of a run, and the keys that act on it."""
