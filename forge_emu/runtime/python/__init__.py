"""What forge-emu's own process does for Python handlers.

It finds the app's interpreter and starts `program/__main__.py` with it, to which it talks as
`forge_emu.runtime.host` says.
"""
