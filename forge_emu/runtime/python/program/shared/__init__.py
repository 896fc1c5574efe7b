"""Runs in the host, in fork servers and in instances: lines on pipes, limits, the real clock."""
