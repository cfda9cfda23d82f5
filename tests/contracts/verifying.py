"""A provider held against a pact."""

from pathlib import Path
from typing import Any

from pact import Verifier

from tests.contracts.provider import Provider


def verified(provider: Provider, *pacts: Path, only: str | None = None) -> list[str]:
    """What the provider does not keep, a line each; nothing when all is kept. `only`: of this interaction."""
    verifier = (
        Verifier(provider.name, host="127.0.0.1")
        .add_transport(url=f"http://127.0.0.1:{provider.port}")
        .message_handler(lambda name: _message(provider, name))
        .state_handler(lambda state: provider.become(state), teardown=False)
        .set_request_timeout(60_000)
    )
    for pact in pacts:
        verifier.add_source(pact)
    if only is not None:
        verifier.filter(f"^{only}$")
    try:
        verifier.verify()
    except RuntimeError as failure:
        return [_told(error) for error in verifier.results["errors"]] or [str(failure)]
    finally:
        for server in (verifier._message_producer, verifier._state_handler):
            server._server.server_close()  # pact-python 4.2 stops them and leaves their sockets open
    return []


def _message(provider: Provider, name: str) -> Any:
    """The description of a message begins with its event."""
    record = provider.said(name.split()[0])
    return {"contents": record.value, "metadata": dict(record.headers), "content_type": "application/json"}


def _told(error: Any) -> str:
    wrong = error["mismatch"]
    said = [it["mismatch"] for it in wrong["mismatches"]] if "mismatches" in wrong else [str(wrong)]
    return f"{error['interaction']}: {'; '.join(said)}"
