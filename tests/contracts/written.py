"""Where contracts lie, and how."""

import json
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "contracts"


def pretty(document: object) -> str:
    """JSON for people and for a diff."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
