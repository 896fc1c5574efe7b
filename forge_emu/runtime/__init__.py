"""Running handlers: tools, bundling, and the processes they run in."""

from forge_emu.runtime.languages import LanguageRuntimes
from forge_emu.runtime.node.packages import install_packages, missing_packages
from forge_emu.runtime.node.runtime import NodeRuntime
from forge_emu.runtime.node.tools import Tool, Tools, find_tools
from forge_emu.runtime.python.runtime import PythonRuntime

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
