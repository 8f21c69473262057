"""Keys for one purpose each, derived from the vault's key, so that none of them tells another."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def derived_key(key: str, purpose: str) -> bytes:
    """32 bytes, the same for the same key and purpose. The vault's key is random, so no salt is needed."""
    info = f"zhaoren {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(key.encode())


def box_of(key: str, purpose: str) -> Fernet:
    """What encrypts and opens for the purpose."""
    return Fernet(base64.urlsafe_b64encode(derived_key(key, purpose)))
