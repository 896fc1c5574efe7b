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
    mend = {"bash": _with_whole_words, "zsh": _without_space, "fish": _with_commas}[shell]
    click.echo(mend(source))


def _with_whole_words(source: str) -> str:
    """click's script for bash, which takes words as typed: bash ends them at `:` and `=`, so that
    neither `avi:jira:…` nor `--set name=…` nor `snapshot:EMU-1` could be completed."""
    asked = 'COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD'
    offered = "COMPREPLY+=($value)"
    whole = 'COMP_WORDS="${typed[*]}" COMP_CWORD=$((${#typed[@]} - 1))'
    return _replaced(
        source,
        (asked, whole),
        ("    response=", f"{_TYPED_WORDS}\n    response="),
        (offered, 'COMPREPLY+=("${value#"$done"}")'),
        ("    return 0\n", f"{_NO_SPACE_IN_BASH}    return 0\n"),
    )


def _without_space(source: str) -> str:
    """click's script for zsh, with no space after `NAME=`, whose value is to follow."""
    plain = 'if [[ "$type" == "plain" ]]; then\n'
    noted = """            [[ "$key" == *= ]] && no_space=(-S '')\n"""
    return _replaced(
        source,
        ("    local -a response\n", "    local -a response no_space\n"),
        (plain, plain + noted),
        ("completions_with_descriptions -U", 'completions_with_descriptions -U "${no_space[@]}"'),
        ("compadd -U", 'compadd "${no_space[@]}" -U'),
    )


def _with_commas(source: str) -> str:
    """click's script for fish, which takes nothing away of a word behind a comma."""
    return _replaced(source, ('string split ","', 'string split --max 1 ","'))


def _replaced(source: str, *changes: tuple[str, str]) -> str:
    for before, after in changes:
        assert before in source, before
        source = source.replace(before, after, 1)
    return source


_NO_SPACE_IN_BASH = """\
    [[ "${#COMPREPLY[@]}" == 1 && "${COMPREPLY[0]}" == *= ]] && compopt -o nospace 2> /dev/null
"""


_TYPED_WORDS = """\
    local typed line="${COMP_LINE:0:$COMP_POINT}"
    IFS=' ' read -ra typed <<< "$line"
    [[ "$line" == *' ' ]] && typed+=('')
    local last="${typed[${#typed[@]} - 1]}" done=''
    [[ "$COMP_WORDBREAKS" == *:* && "$last" == *:* ]] && done="${last%"${last##*:}"}"
    [[ "$COMP_WORDBREAKS" == *=* && "${last#"$done"}" == *=* ]] && done="${last%"${last##*=}"}"
"""
