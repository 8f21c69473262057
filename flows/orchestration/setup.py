"""Prefect's settings, kept inside the home: nothing in the user's profile, nothing sent anywhere.

Must be called before `prefect` is imported.
"""

from __future__ import annotations

import os

from flows.context.home import Home

_KEPT_LOGS = {
    "PREFECT_LOGGING_TO_API_ENABLED": "true",
    "PREFECT_LOGGING_LOGGERS_PREFECT_FLOW_RUNS_LEVEL": "INFO",
    "PREFECT_LOGGING_LOGGERS_PREFECT_TASK_RUNS_LEVEL": "INFO",
}


def configure_prefect(home: Home, serving: bool = False) -> None:
    """Point Prefect at the home and quiet it; a server named by PREFECT_API_URL is used when there is one.

    `serving`: nobody watches a screen, so what the steps say is kept by the server, beside the run.
    """
    quiet = {
        "PREFECT_HOME": str((home.root / "prefect").resolve()),
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    }
    for name, value in (quiet | (_KEPT_LOGS if serving else {})).items():
        os.environ.setdefault(name, value)
