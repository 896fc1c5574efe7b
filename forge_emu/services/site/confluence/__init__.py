"""The routes of Confluence."""
