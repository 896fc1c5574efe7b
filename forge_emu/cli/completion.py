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
    source = ShellComplete.source(complete)
    click.echo(_with_whole_words(source) if shell == "bash" else source)


def _with_whole_words(source: str) -> str:
    """click's script for bash, which takes words as typed: bash ends them at `:` and `=`, so that
    neither `avi:jira:…` nor `--set name=…` nor `snapshot:EMU-1` could be completed."""
    asked = 'COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD'
    offered = "COMPREPLY+=($value)"
    assert asked in source
    assert offered in source
    whole = 'COMP_WORDS="${typed[*]}" COMP_CWORD=$((${#typed[@]} - 1))'
    source = source.replace(asked, whole)
    source = source.replace("    response=", f"{_TYPED_WORDS}\n    response=", 1)
    return source.replace(offered, 'COMPREPLY+=("${value#"$done"}")')


_TYPED_WORDS = """\
    local typed line="${COMP_LINE:0:$COMP_POINT}"
    IFS=' ' read -ra typed <<< "$line"
    [[ "$line" == *' ' ]] && typed+=('')
    local last="${typed[${#typed[@]} - 1]}" done=''
    [[ "$COMP_WORDBREAKS" == *:* && "$last" == *:* ]] && done="${last%"${last##*:}"}"
    [[ "$COMP_WORDBREAKS" == *=* && "${last#"$done"}" == *=* ]] && done="${last%"${last##*=}"}"
"""
