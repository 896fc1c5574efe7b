"""Runs in a fork server, which the host forks: a process with the app's packages imported.

Over a socket pair to the host it takes orders to fork, with the descriptors of the new instance,
and answers with lines of JSON: the processes that it has forked, and those that have ended.
"""
