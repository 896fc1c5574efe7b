"""What forge-emu's own process does for the hosts of all languages.

A host is a process that runs an app's handlers in one language. forge-emu starts it and holds one
pipe to it and one from it, whose descriptors the host gets with its settings; over both go lines of
JSON (`wire`). What the host itself prints comes by a third pipe, its stdout and stderr.
"""
