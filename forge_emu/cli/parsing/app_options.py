"""How a command takes the app: as `--app`, or as an argument that `--app` says as well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

FC = TypeVar("FC", bound=Callable[..., Any])

_APP_OPTION = f"{__name__}.app"
"""What `--app` says where the app is an argument as well."""


def _keep_app(ctx: click.Context, param: click.Parameter, value: Path | None) -> None:
    # A group's is that of its commands too.
    if value is not None:
        ctx.meta[_APP_OPTION] = value


def _argument_or_option(ctx: click.Context, param: click.Parameter, value: Path) -> Path:
    other: Path | None = ctx.meta.get(_APP_OPTION)
    if other is None:
        return value
    if value not in (Path(), other):
        raise click.UsageError(f"the app is given twice: {value} and --app {other}")
    return other


app_option_of_argument = click.option(
    "--app",
    "app_option",
    type=click.Path(path_type=Path),
    metavar="DIR",
    expose_value=False,
    is_eager=True,
    callback=_keep_app,
    help="The app, as the argument says it.",
)


def app_argument(metavar: str) -> Callable[[FC], FC]:
    """The app as an argument, by default the one the user stands in, or as `--app`."""
    argument = click.argument(
        "app_dir",
        default=".",
        type=click.Path(path_type=Path),
        metavar=metavar,
        callback=_argument_or_option,
    )
    return lambda command: argument(app_option_of_argument(command))


def app_of_option(ctx: click.Context) -> Path | None:
    """What `--app` says, where the arguments are read elsewhere."""
    return ctx.meta.get(_APP_OPTION)


app_option = click.option(
    "--app",
    "app_dir",
    default=".",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The app whose emulator is meant.  [default: the one you stand in]",
)


def _own_or_group_app(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path:
    """A command's own --app, else that of its group."""
    outer = ctx.parent.params.get("app_dir") if ctx.parent else None
    return value or outer or Path()


inner_app_option = click.option(
    "--app",
    "app_dir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    callback=_own_or_group_app,
    help="The app whose emulator is meant.  [default: the one you stand in]",
)
