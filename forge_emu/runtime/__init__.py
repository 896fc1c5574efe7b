"""Running handlers: tools, bundling, and the processes they run in."""

from forge_emu.runtime.languages import LanguageRuntimes
from forge_emu.runtime.node import NodeRuntime
from forge_emu.runtime.packages import install_packages, missing_packages
from forge_emu.runtime.python import PythonRuntime
from forge_emu.runtime.tools import Tool, Tools, find_tools

__all__ = [
    "LanguageRuntimes",
    "NodeRuntime",
    "PythonRuntime",
    "Tool",
    "Tools",
    "find_tools",
    "install_packages",
    "missing_packages",
]
