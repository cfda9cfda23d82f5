"""Workers of pytest-xdist ask their controller for the services, so that each is started once a run, at its first use.

The controller's end of it is a thread; a worker's question is a setting, the answer a URL or why there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Client, Listener
from threading import Thread

from attrs import define, field

from scripts.services import StartFailed, Unavailable


@define
class Desk:
    """Answers one worker after the other, so that nothing is started twice."""

    url: Callable[[str], str]
    _listener: Listener = field(factory=Listener)

    def __attrs_post_init__(self) -> None:
        Thread(target=self._serve, name="services of the test run", daemon=True).start()

    @property
    def address(self) -> str:
        return str(self._listener.address)

    def _serve(self) -> None:
        while True:
            with suppress(EOFError, ConnectionError), self._listener.accept() as worker:  # or it has died meanwhile
                worker.send(self._answer(worker.recv()))

    def _answer(self, setting: str) -> str | Exception:
        try:
            return self.url(setting)
        except (Unavailable, StartFailed) as error:
            return error


def asking(address: str) -> Callable[[str], str]:
    """setting → URL, from the desk there. Raises Unavailable, StartFailed."""

    def ask(setting: str) -> str:
        with Client(address) as desk:
            desk.send(setting)
            answer: str | Exception = desk.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer

    return ask
