"""Ports that stay ours while a server is down."""

import random
import socket
from typing import Final

RANGE = range(15000, 32000)
"""Below the ports that systems hand to outgoing connections: there, a client that keeps trying a server which is
down sooner or later connects to itself, and has taken the port when the server returns."""


class Ports:
    """Those that this process may hand out, each once: who has one may not listen there yet, or be down just now."""

    def __init__(self) -> None:
        self._mine, self._given = RANGE, set[int]()

    def share(self, number: int, of: int) -> None:
        """Only a part from now on, as one of several processes that hand out ports side by side."""
        size = len(RANGE) // of
        self._mine = RANGE[number * size : (number + 1) * size]

    def free(self, count: int = 1) -> int:
        """The first of `count` consecutive ports that nobody listens on."""
        for _ in range(1000):
            first = random.choice(self._mine)
            ports = range(first, first + count)
            if self._given.isdisjoint(ports) and all(map(_free, ports)):
                self._given.update(ports)
                return first
        raise OSError(f"no {count} free ports from {self._mine.start} to {self._mine.stop}")


PORTS: Final = Ports()
free_port: Final = PORTS.free


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def listens(port: int) -> bool:
    """Whether somebody takes connections there."""
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def preferred(port: int, count: int = 1) -> int:
    """This port, if it and those that follow it are free; otherwise others that are."""
    return port if all(_free(port + further) for further in range(count)) else free_port(count)
