"""`myticket demo`: the whole scenario over real HTTP, told as it happens."""

from __future__ import annotations

import tempfile
from pathlib import Path

from aiohttp import ClientSession
from rich.console import Console

from apps.demo.acts import play
from apps.demo.stage import Stage
from apps.demo.teller import Teller
from apps.server import interruptible


async def run(port: int, data: Path | None, exit: bool) -> int:
    """Play every act against a system of its own; 0 when each went as the scenario says, 1 at the first that did not.

    Without `data` the system is kept in a temporary folder. Unless `exit`, it goes on serving until it is stopped. It
    ends with the demo, by SIGTERM, SIGINT or SIGHUP too. Raises CannotRun: it did not start.
    """
    played = False
    with interruptible(), tempfile.TemporaryDirectory(prefix="myticket-demo-") as temporary:
        teller = Teller(Console(highlight=False, soft_wrap=True))
        async with Stage(port, data or Path(temporary), teller) as stage, ClientSession() as http:
            played = await play(stage, http, teller)
            if not exit:
                teller.say("계속 실행 중입니다. Ctrl-C로 멈춥니다.", f"Still serving at {stage.url}. Ctrl-C stops it.")
                await stage.until_stopped()
    return 0 if played else 1
