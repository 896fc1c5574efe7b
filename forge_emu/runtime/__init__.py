"""Runs handlers: their tools, their build, and the processes in which they run.

The modules here and in `host/`, `node/` and `python/` run in forge-emu's own process. What runs in
other processes lies below `node/program/` and `python/program/`, in a folder for each process.
"""

from forge_emu.runtime.languages import LanguageRuntimes
from forge_emu.runtime.node.packages import install_packages, missing_packages
from forge_emu.runtime.node.runtime import NodeRuntime
from forge_emu.runtime.node.tools import Tools, find_tools
from forge_emu.runtime.python.runtime import PythonRuntime
from forge_emu.runtime.tool import Tool

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
