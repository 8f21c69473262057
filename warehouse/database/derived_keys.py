"""Keys for one purpose each, derived from the vault's key so that none tells another; files under a key."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def derived_key(key: str, purpose: str) -> bytes:
    """32 bytes, the same for the same key and purpose. The vault's key is random, so no salt is needed."""
    info = f"zhaoren {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(key.encode())


def box_of(key: str, purpose: str) -> Fernet:
    """What encrypts and opens for the purpose."""
    return Fernet(base64.urlsafe_b64encode(derived_key(key, purpose)))


_NONCE, _LENGTH = 12, 4  # bytes


class Pieces:
    """Pieces of a file, each encrypted and authenticated by itself and bound to its place (AES-256-GCM).

    A piece is written as its length, a random nonce and the encrypted bytes. That none is missing at the end
    is for the reader to know.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def sealed(self, place: int, piece: bytes) -> bytes:
        """The piece as it is written at that place, counted from 0."""
        nonce = os.urandom(_NONCE)
        text = self._cipher.encrypt(nonce, piece, _at(place))
        return len(text).to_bytes(_LENGTH, "big") + nonce + text

    def opened(self, place: int, sealed: bytes) -> bytes:
        """The piece again. Raises InvalidTag when it was changed, moved, or is under another key."""
        nonce = sealed[_LENGTH : _LENGTH + _NONCE]
        if len(nonce) < _NONCE:
            raise InvalidTag
        return self._cipher.decrypt(nonce, memoryview(sealed)[_LENGTH + _NONCE :], _at(place))


def sealed_pieces(file: BinaryIO) -> Iterator[bytes]:
    """The pieces of a file as they are written there, from where it stands; the last may be cut off."""
    size = os.fstat(file.fileno()).st_size  # a damaged length asks for no more memory than that
    while start := file.read(_LENGTH):
        yield start + file.read(min(_NONCE + int.from_bytes(start, "big"), size))


def _at(place: int) -> bytes:
    return place.to_bytes(8, "big")
