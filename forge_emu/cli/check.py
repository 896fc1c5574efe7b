"""`forge-emu check`: what will go wrong, before it does."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from forge_emu.cli import options as o
from forge_emu.errors import ExitCode
from forge_emu.model import Bundler


@click.command(epilog="Example: forge-emu check my-app --strict --sarif findings.sarif")
@o.app_argument("[APP]")
@click.option(
    "--load/--no-load",
    default=True,
    help="Run what modules do when they are loaded. Without it, nothing of the app is run, "
    "nor what is installed in it.  [default: load]",
)
@click.option(
    "--code/--no-code",
    default=True,
    help="Look at the code, not only at the manifest.  [default: code]",
)
@o.bundler_option
@click.option(
    "--install/--no-install",
    default=None,
    help="Get Forge's own bundler from npm, once, without asking, and build with it; or never.",
)
@click.option("--strict", is_flag=True, help="Let warnings count as errors.")
@click.option(
    "--sarif",
    type=click.Path(path_type=Path),
    metavar="FILE|-",
    help="Also write a SARIF log, which code hosts show beside the code; with - to stdout alone.",
)
@o.env_file_option
@o.node_option
@o.json_option
@o.color_option
def check(
    app_dir: Path,
    load: bool,
    code: bool,
    bundler: Bundler,
    install: bool | None,
    strict: bool,
    sarif: Path | None,
    env_files: tuple[Path, ...],
    node: int | None,
    as_json: bool,
    color: bool | None,
) -> None:
    """Find what is wrong with the app in APP (default: here) without running its handlers.

    Looks at the manifest, forge-emu.yml, packages and versions, the build, the handlers' exports,
    and at what the code does with queues, retries and the store. Ends with 1 when an error is
    found, with 2 when it cannot look.
    """
    import asyncio

    if not load and bundler == "forge":
        raise click.UsageError("--bundler forge runs what is installed in the app: not --no-load")
    if install and (not load or bundler == "esbuild"):
        other = "--bundler esbuild" if load else "--no-load"
        raise click.UsageError(f"--install is for building with Forge's own bundler: not {other}")
    prints_sarif = sarif == Path("-")
    if prints_sarif and as_json:
        raise click.UsageError("--sarif - and --json both print on stdout")
    from forge_emu.appdir.env_files import read_env_files
    from forge_emu.commands.check import CheckOptions, check_app
    from forge_emu.commands.check_view import (
        check_counts_text,
        check_json,
        check_text,
        sarif_text,
        write_sarif,
    )

    terminal = o.terminal(color)
    out, err = terminal.stdout, terminal.stderr

    def print_progress(message: str) -> None:
        err.print(message, style="dim", markup=False, highlight=False, soft_wrap=True)

    options = CheckOptions(
        code, load, read_env_files(env_files), node, bundler, install, terminal.confirm
    )
    found = asyncio.run(check_app(app_dir, options, print_progress))
    if sarif is not None and not prints_sarif:
        write_sarif(found, sarif)
    if prints_sarif:
        o.echo_json(sarif_text(found))
    elif as_json:
        o.echo_json(check_json(found))
    else:
        out.print(check_text(found), soft_wrap=True, end="")
    if not as_json:
        print_progress(check_counts_text(found))
    wrong = found.count("error") or (strict and found.problems)
    sys.exit(ExitCode.CONDITION_FAILED if wrong else ExitCode.OK)
