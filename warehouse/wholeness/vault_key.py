"""The vault's key: where it is read from, what is refused, and how a new one is made.

It comes from ZHAOREN_VAULT_KEY, from the file named by ZHAOREN_VAULT_KEY_FILE, or from `vault.key` in the
home. Several of them may be given as long as they say the same.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from warehouse.identity.given_key import NAME, NEW_NAME, given_key
from warehouse.identity.key_change import write_secret
from zhaoren.errors import ZhaorenError

ENV, ENV_FILE, FILE = NAME, "ZHAOREN_VAULT_KEY_FILE", "vault.key"
LEAST_LENGTH, LEAST_DIFFERENT = 16, 8  # characters
LONGEST = 4096  # bytes: a longer file is some other file
# Memory and time of one check value: 16 MiB and some 50 ms, so that it is no quick way to try keys.
_SCRYPT = {"n": 1 << 14, "r": 8, "p": 1, "maxmem": 64 << 20, "dklen": 32}


@dataclass(frozen=True)
class GivenKey:
    """A key and its source: ZHAOREN_VAULT_KEY, the path of a key file, or vault.key.

    former: how former versions read the same source, where that differs (blanks, a byte order mark).
    """

    value: str
    source: str
    former: str = ""

    @property
    def readings(self) -> tuple[str, ...]:
        """What may be meant, the likeliest first."""
        return (self.value, self.former) if self.former else (self.value,)

    @property
    def weakness(self) -> str:
        """Why the key is too weak to protect anything; empty if it is not."""
        if len(self.value) < LEAST_LENGTH:
            return f"It has fewer than {LEAST_LENGTH} characters."
        if len(set(self.value)) < LEAST_DIFFERENT:
            return f"It has fewer than {LEAST_DIFFERENT} different characters."
        return ""


def key_of(home: Path) -> GivenKey | None:
    """The key that is given, None if there is none.

    Raises ZhaorenError when a key file is open to others, empty or no text, or two sources differ.
    """
    found = keys_given(home)
    for other in found[1:]:
        if other.value != found[0].value:
            raise ZhaorenError(
                "Two keys are given, and they differ.",
                f"{found[0].source} and {other.source}",
                "Which of them belongs to this home cannot be guessed.",
                "Take the wrong one away. Nothing was changed.",
                code="two_keys",
            )
    if found and not found[0].value:
        raise ZhaorenError(
            "The vault's key is empty.",
            ENV,
            "It holds nothing but blanks.",
            "Set it to the key.",
            code="key_empty",
        )
    return found[0] if found else None


def keys_given(home: Path) -> list[GivenKey]:
    """The key of each source that has one; while the key is being changed they may well differ."""
    found = []
    if text := given_key():
        value = _bare(text)
        found.append(GivenKey(value, ENV, text if text != value else ""))
    if named := os.environ.get(ENV_FILE):
        found.append(_from_file(Path(named), named))
    if os.path.lexists(home / FILE):
        found.append(_from_file(home / FILE, FILE))
    return found


def new_key(path: Path | None) -> GivenKey | None:
    """The key that a home is to get: that of the file, else of ZHAOREN_NEW_VAULT_KEY; None if none is given.

    Raises ZhaorenError for a weak one, and for a key file that is open to others.
    """
    text = _bare(given_key(NEW_NAME) or "")
    key = _from_file(path, str(path)) if path else GivenKey(text, NEW_NAME) if text else None
    if key is not None and key.weakness:
        raise ZhaorenError(
            "The new key is too weak.",
            key.source,
            f"{key.weakness} Whoever copies the home could try them all.",
            "Give a longer one: `openssl rand -hex 32` prints one. Nothing was changed.",
            code="key_weak",
        )
    return key


def usable_key(home: Path) -> GivenKey | None:
    """The same. Raises ZhaorenError for a weak one, too."""
    key = key_of(home)
    if key is not None and key.weakness:
        raise ZhaorenError(
            "The vault's key is too weak.",
            key.source,
            f"{key.weakness} Whoever copies the home could try them all.",
            "Give a new home a longer one (`openssl rand -hex 32` prints one), or none: then it "
            "makes its own. "
            "Change the key of a home that has this one by `zhaoren rotate-key`.",
            code="key_weak",
        )
    return key


def vault_key(home: Path) -> str:
    """The value of the key that is given. Raises ZhaorenError when there is none."""
    key = key_of(home)
    if key is None:
        raise key_missing()
    return key.value


def key_missing() -> ZhaorenError:
    """The error for a home whose key is not given."""
    return ZhaorenError(
        "The vault's key is missing.",
        FILE,
        f"The home holds identities, but neither {ENV}, {ENV_FILE} nor {FILE} gives their key.",
        "Put the key back from where its copy is kept; without it the identities cannot be read.",
        code="key_missing",
    )


def make_key(home: Path) -> GivenKey:
    """A new random key in `vault.key`, readable by its owner only; the file is whole or not there."""
    value = secrets.token_hex(32)
    write_secret(home / FILE, value)
    return GivenKey(value, FILE)


def key_check(key: str, home_id: str) -> str:
    """What tells a wrong key from a damaged vault: slow to compute, and says nothing of the key itself."""
    return hashlib.scrypt(key.encode(), salt=home_id.encode(), **_SCRYPT).hex()


def _bare(text: str) -> str:
    """The key without what an editor or a shell adds around it."""
    return text.removeprefix("\ufeff").strip()


def _from_file(path: Path, shown: str) -> GivenKey:
    raw = _read(path, shown)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in raw:
        raise _unusable(shown, "It is not plain text: an editor saved it as UTF-16.", "Save it as UTF-8.")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise _unusable(shown, "It is not plain text.", "Put the key back from its copy.") from None
    value = _bare(text)
    if not value:
        raise ZhaorenError(
            "The vault's key file is empty.",
            shown,
            "It holds nothing; it was cut off while it was written or copied.",
            "Put the key back from its copy. Only if no run was ever made with it: remove the file, "
            "and run again.",
            code="key_empty",
        )
    if "\n" in value or "\r" in value:
        raise _unusable(shown, "It holds more than one line.", "Leave the line with the key, and no other.")
    former = text.strip()
    return GivenKey(value, shown, former if former != value else "")


def _read(path: Path, shown: str) -> bytes:
    """The file's bytes, its owner and modes looked at on the very file that is read."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe would wait for a writer
    except OSError as error:
        why = {
            errno.ENOENT: "There is no such file.",
            errno.EACCES: "The account that runs Zhaoren may not read it.",
        }.get(error.errno or 0, error.strerror or "The system refused it.")
        raise _unusable(shown, why, "Check the path and the file's owner.") from None
    try:
        refuse_open_to_others(os.fstat(fd), shown)
        raw = os.read(fd, LONGEST + 1)
    finally:
        os.close(fd)
    if len(raw) > LONGEST:
        raise _unusable(shown, "It is far longer than a key.", "Name the file that holds the key alone.")
    return raw


def refuse_open_to_others(found: os.stat_result, shown: str) -> None:
    """Raise ZhaorenError unless it is a regular file of ours that nobody else may read or write."""
    if not stat.S_ISREG(found.st_mode):
        raise _unusable(shown, "It is no regular file.", "Put the key into a file.")
    if found.st_uid != os.geteuid():
        why = "It belongs to another account, which may read and change it."
        raise _unusable(shown, why, f"Make it yours: chown $(id -un) {shown}")
    if found.st_mode & 0o077:
        raise ZhaorenError(
            "The vault's key file is open to others.",
            shown,
            f"Its modes are {stat.S_IMODE(found.st_mode):03o}: other accounts of the machine may have "
            "read it.",
            f"Type: chmod 600 {shown}. If somebody may have read it, change the key by `zhaoren rotate-key`. "
            f"Where files have no modes, give the key in {ENV}.",
            code="key_open",
        )


def _unusable(shown: str, why: str, todo: str) -> ZhaorenError:
    return ZhaorenError("The vault's key file cannot be used.", shown, why, todo, code="key_unusable")
