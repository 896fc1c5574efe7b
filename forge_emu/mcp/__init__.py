"""An emulator for programs that speak the Model Context Protocol, such as editors and agents."""
