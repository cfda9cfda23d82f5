"""What a request to the graph says: one JSON object, a document or the hash of one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError

from myticket_core.errors import Invalid
from myticket_core.strict_json import read_strictly, why


class Refused(Exception):
    """It is not carried out at all."""

    def __init__(self, code: str, *errors: GraphQLError) -> None:
        super().__init__(code)
        self.code, self.errors = code, errors


def request(raw: bytes) -> dict[str, Any]:
    """One request, no batch. Raises Refused."""
    try:
        said = read_strictly(raw.decode())
    except (ValueError, RecursionError) as error:
        told = f"the body is a JSON object in UTF-8, no member twice ({why(error)})"
        raise Refused("invalid", GraphQLError(told)) from None
    if not isinstance(said, dict):
        raise Refused("invalid", GraphQLError("the body is one JSON object: requests are not answered in batches"))
    check_members(said)
    return said


def check_members(said: Mapping[str, Any]) -> None:
    """Raises Refused."""
    for name, kind in (("variables", dict), ("extensions", dict), ("operationName", str)):
        if said.get(name) is not None and not isinstance(said[name], kind):
            raise Refused("invalid", GraphQLError(f"{name} is {'an object' if kind is dict else 'a string'}, or null"))


def hash_of(said: Mapping[str, Any]) -> str | None:
    """As clients of persisted operations send it."""
    asked = (said.get("extensions") or {}).get("persistedQuery")
    hashed = asked.get("sha256Hash") if isinstance(asked, dict) else None
    return hashed if isinstance(hashed, str) else None


def read_operations(text: str) -> Mapping[str, str]:
    """From a file of hash → document. Raises Invalid: not that, or a hash that is another's."""
    try:
        operations = json.loads(text)
    except ValueError as error:
        raise Invalid("operations", str(error), "a JSON object of SHA-256 → document") from None
    if not isinstance(operations, dict):
        raise Invalid("operations", "something else", "a JSON object of SHA-256 → document")
    for hashed, document in operations.items():
        if not isinstance(document, str) or hashlib.sha256(document.encode()).hexdigest() != hashed:
            raise Invalid("operations", hashed, "the SHA-256 of its document, in hexadecimal digits")
    return operations
