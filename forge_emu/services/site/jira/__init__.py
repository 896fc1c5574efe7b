"""The routes of Jira."""
