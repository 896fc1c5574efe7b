"""Runs handlers: their tools, their build, and the processes in which they run.

The modules here and in `host/`, `node/` and `python/` run in forge-emu's own process. What runs in
other processes lies below `node/program/` and `python/program/`, in a folder for each process.
"""
