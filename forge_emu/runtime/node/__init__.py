"""What forge-emu's own process does for JavaScript and TypeScript handlers.

It finds Node.js and its tools, bundles the app, and starts `program/host/host.cjs`, to which it
talks as `forge_emu.runtime.host` says.
"""
