"""Jira expressions over the site."""
