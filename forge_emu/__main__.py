"""`python -m forge_emu`."""

from forge_emu.cli import main

if __name__ == "__main__":
    main()
