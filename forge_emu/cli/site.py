"""`forge-emu site`: look at the site behind the product calls, and fill it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from forge_emu.cli import options as o
from forge_emu.cli import values

if TYPE_CHECKING:
    from forge_emu.control.site_client import SiteClient


@click.group(invoke_without_command=True, epilog="Example: forge-emu site seed --issues 500")
@o.app_option
@click.pass_context
def site(ctx: click.Context, app_dir: Path) -> None:
    """Look at the site behind the product calls of a running emulator, and fill it.

    Without a command it says how many things there are.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(show, name=None, app_dir=app_dir)


@contextmanager
def _client(app_dir: Path) -> Iterator[SiteClient]:
    from forge_emu.control.client import connect_client
    from forge_emu.control.site_client import SiteClient

    with connect_client(app_dir) as client:
        yield SiteClient(client)


@site.command(epilog="Example: forge-emu site show EMU-1")
@click.argument("name", required=False, metavar="[KEY|ID]")
@o.inner_app_option
def show(name: str | None, app_dir: Path) -> None:
    """Print the issue KEY or the page ID as JSON; without it, how many things there are."""
    import msgspec

    from forge_emu.errors import UserError

    with _client(app_dir) as remote:
        if name is None:
            for kind, count in remote.counts().counts.items():
                click.echo(f"{count:>8,} {kind}")
            return
        is_page = name.isdecimal()
        path = f"/rest/api/content/{name}" if is_page else f"/rest/api/3/issue/{quote(name)}"
        answer = remote.answer("confluence" if is_page else "jira", path)
    if answer.status != 200:
        raise UserError(
            f"there is no {name!r} on the site",
            "Name an issue's key, such as EMU-1, or a page's id.",
        )
    o.echo_json(msgspec.json.format(msgspec.json.encode(answer.body), indent=2))


@site.command(epilog="Example: forge-emu site issues --jql 'project = EMU AND status = Done'")
@click.option("--jql", default="created > 0 ORDER BY key", metavar="QUERY",
              help="Which of them, as the app would ask.  [default: all]")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print each issue as JSON, one a line.")
@o.inner_app_option
def issues(jql: str, as_json: bool, app_dir: Path) -> None:
    """List issues: key, type, status, who works on it, summary."""
    import msgspec

    with _client(app_dir) as remote:
        for issue in remote.issues(jql):
            if as_json:
                o.echo_json(msgspec.json.encode(issue))
            else:
                click.echo(_issue_line(issue["key"], issue["fields"]))


def _issue_line(key: str, fields: dict[str, Any]) -> str:
    """An issue in a line."""
    assignee = fields["assignee"]
    who = assignee["displayName"] if assignee else "-"
    kind, status = fields["issuetype"]["name"], fields["status"]["name"]
    return f"{key:<10}  {kind:<8}  {status:<12}  {who:<14}  {fields['summary']}"


@site.command(epilog="Example: forge-emu site seed --issues 500 --pages 100")
@click.option("--issues", default=0, type=values.Count(0, 100_000), metavar="N",
              help="How many issues of the project EMU.")  # fmt: skip
@click.option("--pages", default=0, type=values.Count(0, 100_000), metavar="N",
              help="How many pages of the space EMU.")  # fmt: skip
@click.option("--seed", default=1, metavar="N", help="Makes others up.  [default: 1]")
@o.inner_app_option
def seed(issues: int, pages: int, seed: int, app_dir: Path) -> None:
    """Make up issues and pages. The same seed makes the same."""
    from forge_emu.control.site_contract import SiteOrder, SiteSeed

    if not issues and not pages:
        raise click.UsageError("Give --issues or --pages.")
    with _client(app_dir) as remote:
        receipt = remote.change(SiteOrder(seed=SiteSeed(issues, pages, seed)))
    click.echo(f"{receipt.added:,} things put on the site", err=True)


@site.command(epilog="Example: forge-emu site export site.json")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@o.inner_app_option
def export(file: Path, app_dir: Path) -> None:
    """Write the whole site into FILE, which `site import` and `--site` take."""
    from forge_emu.emulator.initial_state.site_files import export_text
    from forge_emu.errors import UserError

    with _client(app_dir) as remote:
        text = export_text(remote.things())
    try:
        file.write_bytes(text)
    except OSError as error:
        raise UserError(f"cannot write {str(file)!r}: {error.strerror}") from None
    click.echo(f"wrote {file}", err=True)


@site.command("import", epilog="Example: forge-emu site import site.yml")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@o.inner_app_option
def import_file(file: Path, app_dir: Path) -> None:
    """Put on the site what FILE holds. An export takes the place of all; YAML is added."""
    from forge_emu.emulator.initial_state.site_files import read_site_file

    read = read_site_file(file, "site import")
    with _client(app_dir) as remote:
        if read.things is not None:
            count = sum(remote.replace(read.things).counts.values())
        else:
            count = remote.add(read.placed.content).added if read.placed else 0
    click.echo(f"{count:,} things put on the site", err=True)
