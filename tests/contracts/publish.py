"""`make publish`: our own pacts to the Pact Broker at PACT_BROKER_BASE_URL, as the version of this commit.

PACT_BROKER_TOKEN, or PACT_BROKER_USERNAME and PACT_BROKER_PASSWORD, when the broker wants to know who asks.
"""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

from tests.contracts.written import FOLDER


def published(pacts: Path, version: str, environ: Mapping[str, str]) -> list[str]:
    """What was published where. Raises URLError, and KeyError without a PACT_BROKER_BASE_URL."""
    base, told = environ["PACT_BROKER_BASE_URL"].rstrip("/"), []
    for file in sorted(pacts.glob("*.json")):
        pact = json.loads(file.read_bytes())
        parts = f"provider/{pact['provider']['name']}/consumer/{pact['consumer']['name']}"
        url = f"{base}/pacts/{parts}/version/{version}"
        headers = {"Content-Type": "application/json"} | _credential(environ)
        with urlopen(Request(url, file.read_bytes(), headers, method="PUT"), timeout=30) as answer:
            told.append(f"{answer.status} {url}")
    return told


def _credential(environ: Mapping[str, str]) -> dict[str, str]:
    if token := environ.get("PACT_BROKER_TOKEN"):
        return {"Authorization": f"Bearer {token}"}
    if user := environ.get("PACT_BROKER_USERNAME"):
        pair = f"{user}:{environ.get('PACT_BROKER_PASSWORD', '')}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    return {}


def main() -> None:
    if not os.environ.get("PACT_BROKER_BASE_URL"):
        sys.exit("PACT_BROKER_BASE_URL is not set: it says where the Pact Broker is. Without one the files are enough")
    version = subprocess.check_output(("git", "rev-parse", "HEAD"), cwd=FOLDER, text=True).strip()
    try:
        print(*published(FOLDER / "pacts", version, os.environ), sep="\n")
    except (URLError, OSError) as error:
        sys.exit(f"the Pact Broker at PACT_BROKER_BASE_URL does not take them: {error}")


if __name__ == "__main__":
    main()
