"""Names in the environment that are nearly settings: one that is misspelt would be ignored in silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Final

import structlog

from apps.environment import known_names

ALIKE: Final = 0.9
SHORTEST: Final = 8
"""Of shorter names too many of other programs are alike."""

log = structlog.get_logger("myticket.settings")


def misnamed(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(The name that is set, the setting that it nearly is.)

    Others are none of our business: a cluster and other programs have names of their own there.
    """
    known = known_names()
    for name, value in environ.items():
        if not value or len(name) < SHORTEST or name in known:
            continue
        for meant in get_close_matches(name, known, 1, ALIKE):
            yield name, meant


def warn(environ: Mapping[str, str]) -> None:
    for name, meant in misnamed(environ):
        log.warning("this is no setting, and is ignored", name=name, meant=meant)
