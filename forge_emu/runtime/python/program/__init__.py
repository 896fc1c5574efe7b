"""The host program for Python handlers. It runs in the app's interpreter: standard library only."""
