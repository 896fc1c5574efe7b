"""A group whose first word is one of its commands, or else the first argument of its own."""

from __future__ import annotations

import click

_NAMES_COMMAND = f"{__name__}.names_command"
"""Whether the first word of a call names a command of the group."""


class EventOrCommand(click.Group):
    """`trigger schedule KEY` calls a command, `trigger issue-created` the group itself.

    Nothing that the group takes for its argument may be named like one of its commands. The
    group's options are for its own argument: a command has its own.
    """

    allow_interspersed_args = True
    allow_extra_args = False

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Leave everything to the command that the first word names, if it names one."""
        ctx.allow_extra_args = True
        if args and args[0] in self.commands:
            ctx.meta[_NAMES_COMMAND] = True
            ctx.allow_interspersed_args = False
            return super().parse_args(ctx, args)
        rest = click.Command.parse_args(self, ctx, args)
        if not ctx.resilient_parsing:
            self._refuse_misplaced_command(ctx)
            if rest:
                plural = "s" if len(rest) > 1 else ""
                ctx.fail(f"Got unexpected extra argument{plural} ({' '.join(rest)})")
        return rest

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Those of the group, or `--help` alone where one of its commands is called."""
        params = super().get_params(ctx)
        if ctx.meta.get(_NAMES_COMMAND):
            return [param for param in params if param not in self.params]
        return params

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """A line for each of the two forms."""
        own = click.Command.collect_usage_pieces(self, ctx)
        formatter.write_usage(ctx.command_path, " ".join(own))
        if self.commands:
            formatter.write_usage(
                ctx.command_path, "COMMAND [ARGS]...", prefix=" " * len("Usage: ")
            )

    def _refuse_misplaced_command(self, ctx: click.Context) -> None:
        given = (ctx.params.get(p.name or "") for p in self.params if isinstance(p, click.Argument))
        for word in given:
            if isinstance(word, str) and word in self.commands:
                example = f"{ctx.command_path} {word} …"
                ctx.fail(f"{word!r} comes first, before all options: {example}")
