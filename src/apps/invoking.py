"""What every command does alike: its options, its settings, its event loop."""

from __future__ import annotations

import os
from collections.abc import Coroutine
from typing import Any, Final

import click

from apps.environment import Given, load
from apps.settings import Settings
from myticket_core.values import LARGEST

ID: Final = click.IntRange(1, LARGEST)
"""What ids are, in tokens too."""

data_option = click.option("--data", metavar="DIR", help="The folder of the data [MYTICKET_DATA].")
json_option = click.option("--json", "as_json", is_flag=True, help="For a script.")


def settings_of(data: str | None = None, port: str | None = None) -> Settings:
    given = {"data": data and Given("--data", data), "port": port and Given("--port", port)}
    return load(os.environ, {name: value or None for name, value in given.items()})


def run(settings: Settings, work: Coroutine[Any, Any, Any]) -> Any:
    import uvloop

    from apps.logs import configure
    from apps.misnamed import warn

    os.umask(0o077)  # what is made is its owner's alone, in whatever folder
    configure(settings.log_level)
    warn(os.environ)
    return uvloop.run(work)
