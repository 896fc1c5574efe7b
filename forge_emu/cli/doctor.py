"""`forge-emu doctor`: what the emulator uses, where it found it, and what is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from forge_emu.cli import options as o
from forge_emu.errors import ExitCode


@click.command(epilog="Example: forge-emu doctor my-app")
@o.app_argument("[APP]")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
@o.color_option
def doctor(app_dir: Path, as_json: bool, color: bool | None) -> None:
    """Say which Python, Node.js, npm, esbuild and @forge packages are in use, and why.

    Looks at the tool cache, the app's manifest and packages, and at what a killed emulator may have
    left behind. Installs nothing; for what is wrong it says what mends it, and ends with 1.
    """
    import msgspec

    from forge_emu.commands.doctor import doctor_findings
    from forge_emu.commands.doctor_view import findings_summary, findings_text

    findings = doctor_findings(app_dir)
    if as_json:
        o.echo_json(msgspec.json.format(msgspec.json.encode(findings), indent=2))
    else:
        out, err = o.consoles(color)
        out.print(findings_text(findings), soft_wrap=True, end="")
        err.print(findings_summary(findings), style="dim", highlight=False)
    wrong = any(finding.state == "wrong" for finding in findings)
    sys.exit(ExitCode.CONDITION_FAILED if wrong else ExitCode.OK)
