"""What every command does alike: its options, its settings, its event loop."""

from __future__ import annotations

import os
import sys
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
    """What the command line says stands, also when it is nothing: a variable of the shell may not have been set."""
    said = {"data": ("--data", data), "port": ("--port", port)}
    return load(os.environ, {name: Given(option, value) for name, (option, value) in said.items() if value is not None})


def run(settings: Settings, work: Coroutine[Any, Any, Any]) -> Any:
    import uvloop

    begin(settings)
    return uvloop.run(work)


def begin(settings: Settings) -> None:
    """What is made from here on is its owner's alone, in whatever folder; a name that is nearly a setting is told."""
    from apps.logs import configure
    from apps.misnamed import warn

    _open_streams()
    os.umask(0o077)
    configure(settings.log_level)
    warn(os.environ)


def _open_streams() -> None:
    """Who starts us may have closed some. A socket of ours would get their numbers: for that libuv ends the process."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    sys.stdout = sys.stdout or os.fdopen(1, "w")
    sys.stderr = sys.stderr or os.fdopen(2, "w")
