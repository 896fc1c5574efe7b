"""Secret texts are found however they are written, and nothing else is touched."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge_emu.engine.journal import secrets as module
from forge_emu.engine.journal.secrets import Secrets

PEM = """-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASC
S2V5IG9mIG5vYm9keSBhdCBhbGwsIHJl
short
-----END PRIVATE KEY-----
"""


def knowing(**variables: str) -> Secrets:
    """Secrets of variables."""
    secrets = Secrets()
    for name, value in variables.items():
        secrets.add_variable(name, value)
    return secrets


def stored(secrets: Secrets, key: object, value: object) -> Secrets:
    """The same with a secret of the store."""
    secrets.add_stored_value(key, json.dumps(value).encode())
    return secrets


def test_a_mark_names_what_it_hides() -> None:
    """The variable, or the key of the store."""
    secrets = stored(knowing(API_KEY="abcd-1234"), "token", "wxyz-9876")
    assert secrets.mask("abcd-1234 and wxyz-9876") == "[API_KEY] and [secret token]"
    assert secrets.mask("nothing here") == "nothing here"


def test_what_is_too_short_or_too_common_is_no_secret() -> None:
    """Three characters are in every other word; so are the words for true and nothing."""
    secrets = knowing(PIN="123", TOKEN="false")
    assert not secrets
    assert not stored(secrets, "k", ["abc", "true", None, 12345678, {"long-enough": "abc"}])


def test_every_text_of_a_stored_value_is_secret() -> None:
    """At any depth; keys and numbers are none."""
    secrets = stored(Secrets(), "k", {"user": ["alice", {"pass": "opensesame"}], "n": 12345678})
    shown = secrets.mask("user alice opensesame 12345678")
    assert shown == "user [secret k] [secret k] 12345678"


def test_the_longest_wins() -> None:
    """A secret inside another one does not show the rest of it."""
    secrets = knowing(A="abcd", B="abcdefgh", C="cdef")
    assert secrets.mask("abcdefgh abcd") == "[B] [A]"


def test_overlapping_secrets_leave_nothing_of_either() -> None:
    """Not even the part that only one of them covers."""
    secrets = knowing(A="abcdef", B="defghi")
    assert secrets.mask("-abcdefghi-") == "-[A][B]-"
    assert knowing(A="aaaa").mask("xaaaaaaay") == "x[A]y"


@pytest.mark.parametrize(
    "written",
    [
        json.dumps(PEM),
        json.dumps(PEM.replace("\n", "\r\n")),
        repr(PEM),
        str({"key": PEM}),
        PEM.strip(),
        *(line for line in PEM.splitlines() if len(line) >= 16),
        " +\n".join(f"'{line}\\n'" for line in PEM.splitlines()),
    ],
)
def test_a_text_of_several_lines_is_masked_in_every_form(written: str) -> None:
    """Whole, line by line, and escaped."""
    shown = knowing(PEM=PEM).mask(written)
    assert "[PEM]" in shown
    assert not [line for line in PEM.splitlines() if len(line) >= 16 and line in shown]


@pytest.mark.parametrize("secret", ['pa"ss\\word', "pässwörd€", 'it\'s a "secret"', "a\tb\x1bcd"])
def test_escaped_secrets_are_masked(secret: str) -> None:
    """As JSON, as Python and as Node.js show values, and in an address."""
    from urllib.parse import quote, urlencode

    secrets = knowing(X=secret)
    for written in (
        secret,
        json.dumps(secret),
        json.dumps(secret, ensure_ascii=False),
        repr(secret),
        quote(secret, safe=""),
        urlencode({"q": secret}),
    ):
        assert "[X]" in secrets.mask(f"<{written}>"), written


def test_a_value_with_blanks_around_it_is_masked_without_them() -> None:
    """Programs trim what they read."""
    assert knowing(KEY="  abcd-1234\n").mask("key=abcd-1234.") == "key=[KEY]."


def test_the_key_in_a_mark_tells_no_secret() -> None:
    """Whether it was learnt before or after."""
    secrets = stored(Secrets(), "of hunter22", "opensesame")
    assert secrets.mask("opensesame") == "[secret of hunter22]"
    stored(secrets, "hunter22", "hunter22")
    assert secrets.mask("opensesame hunter22") == "[secret of …] [secret …]"


def test_masked_json_stays_json() -> None:
    """Even where the key of a secret has quotation marks."""
    secrets = stored(Secrets(), 'the "key"', 'say "open"')
    text = json.dumps({"m": 'they say "open" twice'})
    assert json.loads(secrets.mask_json(text)) == {"m": 'they [secret the "key"] twice'}


def test_a_secret_at_the_cut_end_of_a_long_text_is_masked() -> None:
    """Hosts shorten what is very long, maybe in the middle of a secret."""
    secrets = knowing(KEY="0123456789abcdef")
    long = "x" * 10_000
    assert secrets.mask(f"{long} 0123456789…") == f"{long} [KEY]…"
    assert secrets.mask(f"{long} 01234") == f"{long} 01234"
    assert secrets.mask("short 0123456789") == "short 0123456789"


def test_spared_texts_are_public() -> None:
    """The name of a queue stays its name, whatever a secret is."""
    secrets = knowing(KEY="store")
    secrets.public_texts = frozenset({"store-later"})
    assert secrets.mask("store-later") == "store-later"
    assert secrets.mask("in store-later") == "in [KEY]-later"


def test_a_variable_is_named_rather_than_a_key() -> None:
    """An app may put a variable into the store."""
    secrets = stored(Secrets(), "k", "abcd-1234")
    secrets.add_variable("API_KEY", "abcd-1234")
    stored(secrets, "k", "abcd-1234")
    assert secrets.mask("abcd-1234") == "[API_KEY]"


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first learnt are forgotten first; what is stored again is new, and variables stay."""
    monkeypatch.setattr(module, "MOST_STORED", 3)
    secrets = knowing(V="variable")
    for n in (1, 2, 3, 1, 4):
        stored(secrets, f"k{n}", f"number{n}")
    assert len(secrets) == 4
    shown = secrets.mask("variable number1 number2 number3 number4")
    assert shown == "[V] [secret k1] number2 [secret k3] [secret k4]"
    monkeypatch.setattr(module, "MOST_CHARACTERS", 10)
    stored(secrets, "k5", "number5")
    assert secrets.mask("number1 number5") == "number1 [secret k5]"


@pytest.mark.parametrize("head", ["", "secret-value-"])
def test_many_secrets_cost_little(head: str) -> None:
    """Ten thousand of them, all with the same beginning or none: under a millisecond a line."""
    secrets = Secrets()
    for n in range(10_000):
        stored(secrets, f"k{n}", f"{head}{n * 7919 % 10_000:05}-{'x' * (n % 50)}")
    line = ("secret-value- nothing to see, " * 40)[:1000] + f"{head}00000-"
    assert secrets.mask(line) != line
    begun = time.process_time()
    for _ in range(100):
        secrets.mask(line)
    # In a thousandth of it by far; the rest is for slow machines.
    assert time.process_time() - begun < 1.0


def test_what_cannot_be_read_is_no_secret() -> None:
    """A refused value may be anything."""
    secrets = Secrets()
    for text in (None, b"", b"{", b"\xff\xff\xff\xff\xff", b"[" * 100_000):
        secrets.add_stored_value("k", text)
    secrets.add_stored_value(7, b'"opensesame"')
    assert secrets.mask("opensesame") == "[secret 7]"


_TEXT = st.text(st.sampled_from("abcd\n\"'\\é "), max_size=30)


@given(st.lists(_TEXT, max_size=5), st.lists(_TEXT, max_size=5))
def test_no_secret_is_left_in_any_text(values: list[str], around: list[str]) -> None:
    """Whatever the secrets, and whatever stands around them."""
    secrets = Secrets()
    for value in values:
        secrets.add_variable("M", value)
    for value in values:
        text = value.join(around)
        shown = secrets.mask(text)
        if len(value) >= 4:
            assert value not in shown
        for form in (json.dumps(text), repr(text)):
            assert isinstance(secrets.mask(form), str)
