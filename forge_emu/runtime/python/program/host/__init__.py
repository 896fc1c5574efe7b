"""Runs in the host process, which forge-emu starts. It runs no code of the app.

It reads lines of JSON from one pipe of forge-emu and writes to another. To each fork server and to
each instance it has a socket pair; the stdout and stderr of an instance come by two pipes.
"""
