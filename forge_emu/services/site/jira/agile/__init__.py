"""The REST API of Jira Software: boards, sprints, and the issues in them."""
