"""Shards in object storage: what files cannot do there as on a disk, with the credentials of the account.

These are AWS's own variables: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and, for a store that is
not Amazon's, AWS_ENDPOINT_URL (with AWS_ALLOW_HTTP=true where it is not encrypted). Every machine at work has
its own; none travels with the work.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import duckdb

from warehouse.database.connection import load_extension
from zhaoren.sql_text import quoted_text

if TYPE_CHECKING:
    from obstore.store import S3Store


def is_remote(root: str) -> bool:
    """Whether shards lie in object storage."""
    return root.startswith("s3://")


def objects(root: str, prefix: str) -> list[str]:
    """The addresses of the objects below root/prefix, sorted."""
    bucket = _bucket(root)
    found = [entry["path"] for page in _store(root).list(f"{_key(root)}/{prefix}") for entry in page]
    return sorted(f"s3://{bucket}/{path}" for path in found)


def content(address: str) -> bytes:
    """The whole of one object."""
    return bytes(_store(address).get(_key(address)).bytes())


def remove(root: str) -> None:
    """Remove every object below the root."""
    store = _store(root)
    for page in store.list(_key(root)):
        store.delete([entry["path"] for entry in page])


def reach(con: duckdb.DuckDBPyConnection) -> None:
    """Let the engine of the connection read and write there."""
    load_extension(con, "httpfs")
    given = {
        "KEY_ID": os.environ.get("AWS_ACCESS_KEY_ID"),
        "SECRET": os.environ.get("AWS_SECRET_ACCESS_KEY"),
        "REGION": os.environ.get("AWS_REGION"),
    }
    if address := os.environ.get("AWS_ENDPOINT_URL"):
        given |= {"ENDPOINT": urlsplit(address).netloc, "URL_STYLE": "path"}
        given["USE_SSL"] = "false" if urlsplit(address).scheme == "http" else "true"
    options = ", ".join(f"{name} {quoted_text(value)}" for name, value in given.items() if value)
    con.execute(f"CREATE OR REPLACE TEMPORARY SECRET shards (TYPE s3, {options})")


def _store(root: str) -> S3Store:
    from obstore.store import S3Store

    return S3Store(_bucket(root))


def _bucket(root: str) -> str:
    return urlsplit(root).netloc


def _key(root: str) -> str:
    return urlsplit(root).path.strip("/")
