"""The user's own answers: which requests they fit, what they say, and those that are missing."""
