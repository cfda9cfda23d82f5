import json


def pretty(document: object) -> str:
    """JSON for people and for a diff."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
