"""The page of a request that has none: it needs nothing that may have been what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from adapters.web.answers import Page
from adapters.web.language import wanted
from adapters.web.sessions import cookies
from adapters.web.site import Site
from adapters.web.visit import LANGUAGE

TOLD: Final[Mapping[int, str]] = {429: "too_often", 503: "not_now", 504: "not_known"}


def refusal(site: Site, scope: Mapping[str, Any], status: int) -> Page:
    """Of what happened it says only what to do."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    chosen = cookies(headers.get(b"cookie", "")).get(LANGUAGE)
    speaker = site.speaker(wanted(chosen, headers.get(b"accept-language", "")))
    return Page(status, site.look.page("refused.html", speaker, {"text": TOLD.get(status, "went_wrong")}))
