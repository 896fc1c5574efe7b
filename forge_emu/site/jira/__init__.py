"""Jira's half of the site."""
