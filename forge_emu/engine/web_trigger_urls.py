"""What a run remembers of the addresses of web triggers: new ones, deleted ones, and their keys."""

from __future__ import annotations

from typing import Final

import msgspec

from forge_emu.engine.journal.secrets import Secrets
from forge_emu.model import Instant

MOST_ADDRESSES: Final = 999_999
"""Of one web trigger. The next one is the last again."""


class SecretKey(msgspec.Struct, frozen=True, array_like=True):
    """The key of an address, in base64, with which its requests have to be signed.

    `written_at` is when the app gave it; `expires` whether it ends some time after that.
    """

    key: str
    written_at: Instant
    expires: bool = True


class SavedWebTriggerUrls(msgspec.Struct, frozen=True, array_like=True):
    """What is saved: the number of the newest address by the web trigger's key, ids of addresses
    that were deleted, and secret keys by such an id."""

    created: dict[str, int] = {}
    deleted: tuple[str, ...] = ()
    secret_keys: dict[str, SecretKey] = {}


class WebTriggerUrls:
    """The addresses of an installation's web triggers, as far as they are not as at the start.

    Secret keys are masked in records.
    """

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._created: dict[str, int] = {}
        self._deleted: dict[str, None] = {}
        self._secret_keys: dict[str, SecretKey] = {}
        self.changed = False
        """Whether something changed since it was last saved."""

    @property
    def snapshot(self) -> SavedWebTriggerUrls:
        """What is saved."""
        return SavedWebTriggerUrls(
            dict(self._created), tuple(self._deleted), dict(self._secret_keys)
        )

    def restore(self, saved: SavedWebTriggerUrls) -> None:
        """Go on with what was saved."""
        self._created = dict(saved.created)
        self._deleted = dict.fromkeys(saved.deleted)
        self._secret_keys = dict(saved.secret_keys)
        for secret in self._secret_keys.values():
            self._mask(secret)

    def number_of(self, key: str) -> int:
        """The number of the newest address of a web trigger; the first is 0."""
        return self._created.get(key, 0)

    def add_address(self, key: str) -> int:
        """Number one more address of a web trigger."""
        self._created[key] = number = min(self.number_of(key) + 1, MOST_ADDRESSES)
        self.changed = True
        return number

    def is_deleted(self, id: str) -> bool:
        """Whether the address of this id leads nowhere any more."""
        return id in self._deleted

    def delete(self, id: str) -> None:
        """The address of this id leads nowhere from now on; its key is forgotten."""
        self._deleted[id] = None
        self._secret_keys.pop(id, None)
        self.changed = True

    def secret_key_of(self, id: str) -> SecretKey | None:
        """The key of the address with this id; None where it has none."""
        return self._secret_keys.get(id)

    def set_secret_key(self, id: str, secret: SecretKey) -> None:
        """Give the address with this id a key, in the place of another one."""
        self._secret_keys[id] = secret
        self._mask(secret)
        self.changed = True

    def _mask(self, secret: SecretKey) -> None:
        self._secrets.add_stored_value("of a web trigger", msgspec.json.encode(secret.key))
