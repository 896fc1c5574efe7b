"""`forge-emu trigger web`: call a web trigger of the running app, or see where each is."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forge_emu.cli import completions
from forge_emu.cli import options as o

if TYPE_CHECKING:
    from forge_emu.control.calls.web_trigger_client import WebTriggerAnswer, WebTriggerOrder

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

_HEADER = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*([\t\x20-\x7e\x80-\xff]*?)\s*")


@click.command(
    epilog='Example: forge-emu trigger web hook --data \'{"action": "opened"}\' '
    "--header 'X-Signature: abc' --path /issues --query page=2"
)
@click.argument("key", required=False, shell_complete=completions.web_triggers)
@o.app_option
@click.option(
    "--method",
    type=click.Choice(METHODS, case_sensitive=False),
    help="The HTTP method.  [default: POST with --data, else GET]",
)
@click.option(
    "--data",
    metavar="TEXT|@FILE|-",
    help="The body: text such as JSON, a file, or - for stdin. JSON gets its content-type.",
)
@click.option(
    "--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header; may be repeated."
)
@click.option(
    "--path", default="", metavar="/PATH", help="What follows the address: the handler's userPath."
)
@click.option(
    "--query", multiple=True, metavar="NAME=VALUE", help="A query parameter; may be repeated."
)
@click.option(
    "--secret",
    metavar="BASE64",
    help="Sign the request with the secret key that the app gave to the address.",
)
@click.option(
    "--fail", "fails", is_flag=True, help="Exit with code 1 where the status is 400 or more."
)
@o.json_option
def web(
    key: str | None,
    app_dir: Path,
    method: str | None,
    data: str | None,
    headers: tuple[str, ...],
    path: str,
    query: tuple[str, ...],
    secret: str | None,
    fails: bool,
    as_json: bool,
) -> None:
    """Call the web trigger KEY over HTTP, and print status, headers and body of its answer.

    It needs no curl, and no address. Without KEY, every web trigger is listed with its address.
    """
    import msgspec

    from forge_emu.cli.trigger.web_addresses import address_lines, find_address, signed_order
    from forge_emu.control.calls.web_trigger_client import call_address
    from forge_emu.control.client import connect_client

    if key is None and (method or data or headers or path or query or secret):
        raise click.UsageError("Which web trigger? Without KEY they are only listed.")
    order = None if key is None else _order(app_dir, method, data, headers, path, query)
    with connect_client(app_dir) as client:
        listed = client.web_triggers()
    if key is None or order is None:
        if as_json:
            o.echo_json(msgspec.json.encode(listed))
        else:
            click.echo("\n".join(address_lines(listed)))
        return
    address = find_address(listed, key)
    if secret is not None:
        order = signed_order(order, listed, key, secret)
    answer = call_address(address, order)
    if as_json:
        o.echo_json(msgspec.json.encode(answer))
    else:
        click.echo(answer_text(answer, terminal=sys.stdout.isatty()))
    if fails and answer.status >= 400:
        sys.exit(1)


def _order(
    app_dir: Path,
    method: str | None,
    data: str | None,
    headers: tuple[str, ...],
    path: str,
    query: tuple[str, ...],
) -> WebTriggerOrder:
    """The request that the options describe. Raises UserError for what HTTP cannot send."""
    from forge_emu.appdir.folder import find_app_root
    from forge_emu.control.calls.web_trigger_client import WebTriggerOrder
    from forge_emu.emulator.user_json.payloads import read_text_argument
    from forge_emu.errors import UserError
    from forge_emu.services.web_triggers.messages import content_type_of

    if path and not re.fullmatch(r"/[\x21\x24-\x3e\x40-\x7e%]*", path):
        hint = "It begins with / and has no spaces; parameters go into --query."
        raise UserError(f"--path: {path[:80]!r} is no path", hint)
    pairs = [_header(text) for text in headers]
    body = None
    if data is not None:
        body = read_text_argument(data, "--data", [Path.cwd(), find_app_root(app_dir)])
        if not any(name.lower() == "content-type" for name, _ in pairs):
            pairs.append(("content-type", content_type_of(body)))
    word = method or ("GET" if body is None else "POST")
    return WebTriggerOrder(word, path, [_parameter(text) for text in query], pairs, body)


def _header(text: str) -> tuple[str, str]:
    from forge_emu.errors import UserError

    found = _HEADER.fullmatch(text)
    if found is None:
        raise UserError(f"--header: {text[:80]!r} is no header", "Write 'Name: value'.")
    return found[1], found[2]


def _parameter(text: str) -> tuple[str, str]:
    from forge_emu.errors import UserError

    name, equals, value = text.partition("=")
    if not (name and equals):
        raise UserError(f"--query: {text[:80]!r} is no parameter", "Write NAME=VALUE.")
    return name, value


def answer_text(answer: WebTriggerAnswer, *, terminal: bool) -> str:
    """The answer as it came; for a terminal, without what would steer it."""
    from forge_emu.console.format import escape, escape_lines

    lines = [f"{answer.status} {answer.status_text}".rstrip()]
    lines += [f"{name}: {value}" for name, value in answer.headers]
    body = answer.body
    if terminal:
        lines, body = [escape(line) for line in lines], escape_lines(body)
    return "\n".join([*lines, "", *([body] if body else [])])
