"""Prefect's settings: all it keeps is inside the home, nothing is sent anywhere, and its API has a secret.

Must be called before `prefect` is imported.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from urllib.parse import urlsplit

from flows.context.home import Home
from zhaoren.errors import ZhaorenError

SERVER_URL = "PREFECT_API_URL"
_CALLERS_SECRET, _SERVERS_SECRET = "PREFECT_API_AUTH_STRING", "PREFECT_SERVER_API_AUTH_STRING"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_KEPT_LOGS = {
    "PREFECT_LOGGING_LEVEL": "ERROR",
    "PREFECT_LOGGING_TO_API_ENABLED": "true",
    "PREFECT_LOGGING_LOGGERS_PREFECT_FLOW_RUNS_LEVEL": "INFO",
    "PREFECT_LOGGING_LOGGERS_PREFECT_TASK_RUNS_LEVEL": "INFO",
}
_QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",  # what fails is said by the command
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
}
# A server of our own answers whoever knows the secret of this very start, and no page of a browser.
_CLOSED = {
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": "https://nobody.invalid",
    "PREFECT_SERVER_CORS_ALLOWED_METHODS": "GET",
    "PREFECT_SERVER_CORS_ALLOWED_HEADERS": "none",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
}


def configure_prefect(home: Home, serving: bool = False) -> None:
    """Point Prefect at the home, quiet it and close it; a server named by PREFECT_API_URL is used if safe.

    `serving`: nobody watches a screen, so what the steps say is kept by the server, beside the run. Beside a
    server of our own no setting of Prefect's that the account has counts. Raises ZhaorenError for a server
    that anybody may command.
    """
    folder = (home.root / "prefect").resolve()
    (folder / "tmp").mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(folder / "tmp")  # its runner would share a folder of /tmp with other accounts
    settings = {"PREFECT_HOME": str(folder)} | _QUIET | (_KEPT_LOGS if serving else {})
    if url := os.environ.get(SERVER_URL):
        _check_server(url)
    else:
        for name in [name for name in os.environ if name.startswith("PREFECT_")]:
            del os.environ[name]
        secret = f"zhaoren:{secrets.token_urlsafe(32)}"
        settings |= _CLOSED | {_CALLERS_SECRET: secret, _SERVERS_SECRET: secret}
    for name, value in settings.items():
        os.environ.setdefault(name, value)


def _check_server(url: str) -> None:
    """Refuse a server that runs our flow for whoever asks, or that is told the secret over an open line."""
    has_secret = os.environ.get(_CALLERS_SECRET) or os.environ.get("PREFECT_API_KEY")
    if not has_secret:
        raise ZhaorenError(
            "The Prefect server has no secret.",
            SERVER_URL,
            "Whoever reaches it could start runs here, see them and stop them.",
            f"Start the server with {_SERVERS_SECRET}=NAME:SECRET and give the same to Zhaoren as "
            f"{_CALLERS_SECRET}; or unset {SERVER_URL}, and a closed server of our own is started.",
        )
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise ZhaorenError(
            "The Prefect server is reached over an open line.",
            SERVER_URL,
            "It is http:// to another machine: the secret could be read on the way.",
            "Name it by https://, or use a server on this machine.",
        )
