"""A listening socket that lets nobody in any more, and loses nobody who was in already."""

from __future__ import annotations

import ctypes
import socket
import struct
import sys
from contextlib import suppress
from typing import Final

_ATTACH_FILTER: Final = 26
"""SO_ATTACH_FILTER of Linux, which Python has no name for."""
_NO_SYN: Final = (
    (0x30, 0, 0, 13),  # the flags of the TCP header
    (0x54, 0, 0, 0x12),  # of them SYN and ACK
    (0x15, 0, 1, 0x02),  # only SYN: who wants to connect
    (0x06, 0, 0, 0),  # is not heard
    (0x06, 0, 0, 0xFFFFFFFF),
)
"""A program of the classic packet filter: (code, jump if true, jump if false, value)."""


def turn_away(listener: socket.socket) -> None:
    """Who knocks from now on is not heard; who was let in already can be accepted, and then it can be closed.

    Closing alone would reset those whom the kernel has let in since the last accept, however quickly that was. Who is
    not heard knocks again after a second, and finds it closed. Elsewhere than on Linux nothing is done, nor where a
    sandbox has no such filters.
    """
    if sys.platform != "linux":
        return
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in _NO_SYN))
    with suppress(OSError):
        told = struct.pack("HL", len(_NO_SYN), ctypes.addressof(program))
        listener.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, told)
