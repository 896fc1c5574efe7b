"""Confluence: spaces, content and what belongs to it."""
