"""Calls of functions and web triggers over HTTP."""
