"""The recordings: scenes of exchanges as curl showed them, each with how ours is known to differ.

    === the scene               played in order against a world of its own
    # 03-ticket.txt             which recording it is from
    $ curl -i …                 what was asked, then what came: status, headers, an empty line, the body
    ~ slug: difference          what ours has otherwise; the reason of the slug stands in docs/compatibility.md

Of the recordings only what tells nothing was left out: headers like Date, spaces in JSON, all but the first two items
of a list, and most of a Java parser's complaints.
"""

from __future__ import annotations

import re
import shlex
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from tests.services.originals.shape import Answer

DATA = Path(__file__).parent / "data"


@frozen
class Request:
    """`path` is without the host; the headers are those that curl sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str | None


@frozen
class Exchange:
    request: Request
    answer: Answer
    known: list[str]
    """How ours differs: "slug: difference"."""


@frozen
class Scene:
    name: str
    exchanges: list[Exchange]


def scenes() -> list[Scene]:
    """All that is there, by file and name."""
    return [scene for file in sorted(DATA.glob("*.txt")) for scene in _scenes(file)]


def _scenes(file: Path) -> list[Scene]:
    found = []
    for part in re.split(r"^=== ", file.read_text(), flags=re.MULTILINE)[1:]:
        name, _, said = part.partition("\n")
        told = [_exchange(it) for it in re.split(r"^\$ ", said, flags=re.MULTILINE)[1:]]
        found.append(Scene(f"{file.stem}, {name}", told))
    return found


def _exchange(said: str) -> Exchange:
    command, status, *lines = (line for line in said.splitlines() if not line.startswith("# "))
    known = [line.removeprefix("~ ") for line in lines if line.startswith("~ ")]
    head, _, body = "\n".join(line for line in lines if not line.startswith("~ ")).strip("\n").partition("\n\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head.splitlines())}
    return Exchange(_request(command), Answer.of(int(status.split()[1]), headers, body.strip()), known)


_CURL = ArgumentParser("curl")
_CURL.add_argument("-i", action="store_true")
_CURL.add_argument("-I", dest="method", action="store_const", const="HEAD")
_CURL.add_argument("-X", dest="method")
_CURL.add_argument("-A", dest="agent", default="curl")
_CURL.add_argument("-H", dest="headers", action="append", default=[])
_CURL.add_argument("-d", dest="body", nargs="?", const="")
_CURL.add_argument("url")


def _request(command: str) -> Request:
    said = _CURL.parse_args(shlex.split(command)[1:])
    form = {} if said.body is None else {"Content-Type": "application/x-www-form-urlencoded"}
    headers = dict(header.split(": ", 1) for header in said.headers)
    path = re.sub(r"^http://[^/]+", "", said.url)
    return Request(
        said.method or "GET", path, {"Accept": "*/*", "User-Agent": said.agent, **form, **headers}, said.body
    )
