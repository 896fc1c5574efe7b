"""The live page of a run: what it serves, and how a browser finds it again after a restart."""
