"""`forge-emu run`."""
