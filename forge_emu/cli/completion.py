"""`forge-emu completion`: the script that teaches a shell the commands."""

from __future__ import annotations

import click
from click.shell_completion import ShellComplete, get_completion_class

_HINTS = {
    "bash": 'eval "$(forge-emu completion bash)"   in ~/.bashrc',
    "zsh": 'eval "$(forge-emu completion zsh)"   in ~/.zshrc',
    "fish": "forge-emu completion fish > ~/.config/fish/completions/forge-emu.fish",
}


@click.command(epilog='Example: eval "$(forge-emu completion bash)"')
@click.argument("shell", type=click.Choice(tuple(_HINTS)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script for SHELL.

    \b
    bash   eval "$(forge-emu completion bash)"   in ~/.bashrc
    zsh    eval "$(forge-emu completion zsh)"   in ~/.zshrc
    fish   forge-emu completion fish > ~/.config/fish/completions/forge-emu.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None
    complete = kind(ctx.find_root().command, {}, "forge-emu", "_FORGE_EMU_COMPLETE")
    # Bash's own version of this asks the bash on the PATH for its age, and waits for the answer.
    click.echo(ShellComplete.source(complete))
