"""Which variables handlers see, where they come from, and which are secret."""

from __future__ import annotations

from collections.abc import Mapping

from forge_emu.appdir import DeclaredVariables
from forge_emu.emulator.variables import Origin, Variables, variables_of

NOTHING = DeclaredVariables()


def seen(
    environment: Mapping[str, str], declared: DeclaredVariables = NOTHING, **given: str
) -> dict[str, str]:
    """What handlers see."""
    return variables_of(declared, environment, given).environment


def masked(
    text: str, environment: Mapping[str, str], declared: DeclaredVariables = NOTHING, **given: str
) -> str:
    """`text` as records tell it."""
    return variables_of(declared, environment, given).secrets().mask(text)


def test_only_what_a_process_needs_and_what_is_the_users() -> None:
    """Nothing else of the machine, and UTC."""
    given = {"PATH": "/bin", "AWS_SECRET": "x", "FORGE_USER_VAR_": "y", "FORGE_USER_VAR_A": "1"}
    wanted = {"PATH": "/bin", "TZ": "UTC", "FORGE_USER_VAR_A": "1", "A": "1"}
    assert seen({**given, "TZ": "Asia/Tokyo", "NODE_OPTIONS": "--inspect"}) == wanted


def test_the_nearer_to_the_developer_the_stronger() -> None:
    """`--set`, then FORGE_USER_VAR_, then the file's values, then names passed on."""
    environment = {"X": "passed on", "FORGE_USER_VAR_X": "user"}
    passed = DeclaredVariables(from_environment=("X",))
    both = DeclaredVariables({"X": "declared"}, ("X",))
    assert seen({"X": "passed on"}, passed)["X"] == "passed on"
    assert seen({"X": "passed on"}, both)["X"] == "declared"
    assert seen(environment, both)["X"] == "user"
    assert seen(environment, both, X="given")["X"] == "given"
    assert seen({"PATH": "/bin"}, DeclaredVariables({"PATH": "/mine"}))["PATH"] == "/mine"


def test_all_leaves_out_what_steers_other_programs() -> None:
    """It would break hosts; who wants it names it."""
    environment = {
        "HOME": "/me",
        "MINE": "1",
        "TZ": "Asia/Tokyo",
        "NODE_OPTIONS": "--bogus",
        "NODE_PATH": "/x",
        "PYTHONPATH": "/x",
        "PYTHONSTARTUP": "/x",
        "FORGE_EMU_CACHE": "/x",
    }
    everything = DeclaredVariables(whole_environment=True)
    assert seen(environment, everything) == {"HOME": "/me", "MINE": "1", "TZ": "UTC"}
    named = DeclaredVariables({"TZ": "Europe/Oslo"}, ("NODE_OPTIONS",), whole_environment=True)
    shown = seen(environment, named)
    assert (shown["TZ"], shown["NODE_OPTIONS"]) == ("Europe/Oslo", "--bogus")


def test_names_that_are_not_set_are_told_in_one_warning() -> None:
    """Unless another source has them."""
    declared = DeclaredVariables({"B": "1"}, ("A", "B", "C"))
    found = variables_of(declared, {})
    assert found.missing == ("A", "C")
    assert found.warning is not None
    assert "A, C" in found.warning
    assert variables_of(declared, {"A": "1"}, {"C": "2"}).warning is None


def test_what_comes_from_the_developer_is_secret() -> None:
    """From eight characters on, whatever it is called."""
    environment = {"FORGE_USER_VAR_SITE": "site-of-mine", "FORGE_USER_VAR_MODE": "fast", "P": "q"}
    assert masked("site-of-mine fast", environment) == "[SITE] fast"
    passed = {"STRIPE": "sk-12345", "MODE": "slow"}
    declared = DeclaredVariables(from_environment=("STRIPE", "MODE"))
    assert masked("sk-12345 slow", passed, declared) == "[STRIPE] slow"


def test_what_is_called_or_listed_a_secret_is_one() -> None:
    """From four characters on, wherever it comes from."""
    declared = DeclaredVariables({"API_KEY": "file", "SITE": "site-of-mine", "MODE": "fast"})
    assert masked("file site-of-mine fast", {}, declared) == "[API_KEY] site-of-mine fast"
    listed = DeclaredVariables({"MODE": "fast"}, secrets=frozenset({"MODE"}))
    assert masked("fast", {}, listed) == "[MODE]"
    assert masked("given plain", {}, NOTHING, TOKEN="given", SITE="plain") == "[TOKEN] plain"
    assert masked("user", {"FORGE_USER_VAR_PAT": "user"}) == "[PAT]"


def test_of_the_whole_environment_only_names_decide() -> None:
    """A home directory would be in every line; so would the shell's own PWD."""
    environment = {
        "HOME": "/home/me",
        "PWD": "/home/me/app",
        "AWS_SECRET": "hidden",
        "X": "12345678",
    }
    everything = DeclaredVariables(whole_environment=True)
    text = "/home/me/app hidden 12345678"
    assert masked(text, environment, everything) == "/home/me/app [AWS_SECRET] 12345678"


def test_passwords_inside_of_addresses_are_secret() -> None:
    """Of proxies and databases, whatever they are called."""
    environment = {"HTTPS_PROXY": "http://me:open-sesame@proxy:8080"}
    declared = DeclaredVariables({"DATABASE_URL": "postgres://app:hunter22@db/app"})
    text = "me open-sesame proxy hunter22 db"
    assert masked(text, environment, declared) == "me [HTTPS_PROXY] proxy [DATABASE_URL] db"


def test_the_parts_of_a_secret_that_is_json_are_secret() -> None:
    """A program reads the key out of it, and tells that alone."""
    account = '{"type": "short", "key": "-----BEGIN KEY-----\\nabcdefghijklmnop"}'
    text = "short -----BEGIN KEY-----\nabcdefghijklmnop"
    assert masked(text, {"FORGE_USER_VAR_ACCOUNT": account}) == "short [ACCOUNT]"
    assert masked("{ broken", {"FORGE_USER_VAR_ACCOUNT": "{ broken"}) == "[ACCOUNT]"


def test_a_value_that_is_overruled_stays_secret() -> None:
    """It can still be seen under its full name."""
    environment = {"FORGE_USER_VAR_KEY": "old-value"}
    assert seen(environment, KEY="new-value")["FORGE_USER_VAR_KEY"] == "old-value"
    assert masked("old-value new-value", environment, KEY="new-value") == "[KEY] [KEY]"


def words(*given: str, declared: DeclaredVariables = NOTHING, **sets: str) -> list[str]:
    """The words of a command line as they are shown."""
    variables: Variables = variables_of(declared, {}, sets)
    return variables.mask_arguments(given, variables.secrets())


def test_words_of_a_command_line_lose_their_secrets() -> None:
    """However short the value, and wherever else it stands."""
    assert words("--set", "env.KEY=1", "--set=env.KEY=2", "--set", "env.BASE=5") == [
        "--set",
        "env.KEY=[KEY]",
        "--set=env.KEY=[KEY]",
        "--set",
        "env.BASE=5",
    ]
    assert words("--compare", "env.KEY=a,b", "--compare=env.X=a,b") == [
        "--compare",
        "env.KEY=[KEY]",
        "--compare=env.X=a,b",
    ]
    listed = DeclaredVariables(secrets=frozenset({"MODE"}))
    assert words("--set", "env.MODE=a\nb", declared=listed) == ["--set", "env.MODE=[MODE]"]
    assert words("--payload", "a.b=abcd-1234", TOKEN="abcd-1234") == ["--payload", "a.b=[TOKEN]"]


def test_names_by_origin() -> None:
    """What the doctor tells."""
    declared = DeclaredVariables({"B": "1", "A": "1"}, ("P",))
    variables = variables_of(declared, {"P": "1", "FORGE_USER_VAR_U": "1"})
    assert variables.names_from(Origin.DECLARED) == ["A", "B"]
    assert variables.names_from(Origin.PASSED_ON) == ["P"]
    assert variables.names_from(Origin.USER) == ["U"]
