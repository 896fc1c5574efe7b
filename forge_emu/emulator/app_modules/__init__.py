"""The modules of an app that a user may name."""
