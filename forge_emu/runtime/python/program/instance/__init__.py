"""Runs in an instance, which a fork server forks: a process that runs the app's handlers.

Its lines go to and come from the host over a socket pair (`channel`). Descriptors 1 and 2 are pipes
to the host, for what is printed past `sys.stdout` and `sys.stderr`.
"""
