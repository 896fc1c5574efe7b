"""Calls remotes over HTTP, in the place of handlers that run here."""
