"""An emulator for tests in other languages: `forge-emu testing serve`."""
