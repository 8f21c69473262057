"""The Prefect API of a home, as a process of its own: it answers on the one socket that its parent bound.

Run as `python -m flows.orchestration.api DESCRIPTOR`. A port that the server bound itself could be taken by
another account between the choice and the binding, who would then be told the secret.
"""

from __future__ import annotations

import socket
import sys

from flows.process.lifetime import end_with_parent
from flows.process.privacy import keep_private

_SECONDS_TO_HANG_UP = 2


def main(descriptor: int) -> None:
    """Serve until the parent ends, however it ends, or says so."""
    keep_private()
    end_with_parent()
    import uvicorn
    from prefect.server.api.server import create_app

    config = uvicorn.Config(
        create_app(final=True),
        log_level="critical",
        lifespan="on",
        timeout_graceful_shutdown=_SECONDS_TO_HANG_UP,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    main(int(sys.argv[1]))
