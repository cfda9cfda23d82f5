"""How a page is made of a template; every value in it is escaped."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from attrs import define, field, frozen
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from adapters.web.addresses import BASE
from adapters.web.language import Speaker, past, today, typed
from myticket_core.notification.letter import LANGUAGES
from myticket_core.values import LARGEST

HERE: Final = Path(__file__).parent
KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


@frozen
class Fixed:
    """A file as it is, with an address that changes when it does."""

    body: bytes
    media: str
    address: str


@define
class Look:
    """The templates and the fixed files, read once."""

    files: Mapping[str, Fixed] = field(init=False)
    _templates: Environment = field(init=False)

    @files.default
    def _read(self) -> Mapping[str, Fixed]:
        return {path.name: _fixed(path) for path in sorted((HERE / "static").iterdir())}

    @_templates.default
    def _opened(self) -> Environment:
        made = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            auto_reload=False,  # while a newer version is put in its place a process goes on with what it began with
            undefined=StrictUndefined,
        )
        made.globals |= {"base": BASE, "file": self._address, "languages": LANGUAGES, "largest": LARGEST}
        made.globals |= {"past": past, "today": today, "typed": typed}
        return made

    def page(self, template: str, speaker: Speaker, facts: Mapping[str, Any]) -> bytes:
        said = {"say": speaker, "t": speaker.text, "money": speaker.money, "moment": speaker.moment, **facts}
        return self._templates.get_template(template).render(said).encode()

    def _address(self, name: str) -> str:
        return self.files[name].address


@cache
def look() -> Look:
    """One for all sites of a process: each template is compiled once, which takes longer than to show it many times."""
    return Look()


def _fixed(path: Path) -> Fixed:
    body = path.read_bytes()
    version = hashlib.sha256(body).hexdigest()[:12]
    return Fixed(body, KINDS[path.suffix], f"{BASE}/static/{path.name}?v={version}")
