"""Boards and sprints of Jira Software."""
