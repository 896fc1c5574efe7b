"""Which event to send, where the command names none: a numbered choice on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from forge_emu import events


def choose_event(heard: Mapping[str, Sequence[str]]) -> str:
    """Ask for an event on stderr: one of those that the app listens to, or any by its name.

    `heard` are full names with the keys of triggers. Raises click.Abort where nobody answers.
    """
    titles = {template.event: template.title for template in events.all_templates()}
    offered = list(heard)
    if offered:
        click.echo("The app listens to:", err=True)
    else:
        click.echo("The app listens to no event. Any can be sent: forge-emu events", err=True)
    names = [events.unique_name(event) if event in titles else event for event in offered]
    width = max(map(len, names), default=0)
    for number, (event, name) in enumerate(zip(offered, names, strict=True), 1):
        click.echo(f"{number:>4}  {name:<{width}}  {titles.get(event, '')}".rstrip(), err=True)

    def read_answer(answer: str) -> str:
        if answer.strip().isdecimal():
            number = int(answer.strip()[:9])
            if 1 <= number <= len(offered):
                return offered[number - 1]
            raise click.BadParameter(
                f"there is no {number}; give a number from 1 to {len(offered)}"
            )
        return answer.strip()

    default = "1" if offered else None
    question = "Which one (a number, or the name of any event)"
    answer: str = click.prompt(question, default=default, value_proc=read_answer, err=True)
    return answer
