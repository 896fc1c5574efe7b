"""The host for Python handlers: programs of the app's interpreter, standard library only.

`host/` runs in the host process, `forkserver/` in the fork servers that it forks, `instance/` in
the processes that they fork, one for each instance of the app; `shared/` in all of them.
"""
