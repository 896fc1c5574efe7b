"""Web triggers: their addresses, and how an HTTP request becomes a call and its result an answer.

https://developer.atlassian.com/platform/forge/events-reference/web-trigger/ (2026-08-13)
"""
