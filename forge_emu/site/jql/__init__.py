"""The part of JQL that the site understands."""
