"""SecantusDB: MongoDB's protocol on the WiredTiger engine, from the wheel `secantusdb`; or the same in Rust."""

import importlib.util
import os
import shutil
import socket
import struct
import sys

from scripts.services.service import Service

RUST = "MYTICKET_SECANTUSD"
"""Names the program secantusd-rs (the crate secantus-mdb), which answers several times as fast as the one in Python."""
HEADER = struct.Struct("<iiii")
"""Length, request id, answered request id, kind."""
OP_MSG = 2013
BEFORE_THE_DOCUMENT = b"\0" * 5


class Documents(Service):
    """What was acknowledged is on disk. It stands alone, as in compose.yaml: no log for replicas, no writes that the
    driver repeats by itself.
    """

    name = "documents"

    @classmethod
    def available(cls) -> str | None:
        if rust := os.environ.get(RUST):
            return None if shutil.which(rust) else f"{RUST} names no program: {rust}"
        if importlib.util.find_spec("secantus") is None:
            return "no secantusdb here: python -m pip install -r requirements/dev.txt"
        return None

    @property
    def url(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        at = ["--host", "127.0.0.1", "--port", str(self.port), "--storage-path", str(self.data / "data")]
        rust = os.environ.get(RUST)
        program = [rust] if rust else [sys.executable, "-m", "secantus"]
        return [*program, *at, "--sync-on-commit", "--standalone", "--cache-size", "128M"]

    def ready(self) -> bool:
        """Asked without pymongo: its client starts threads that outlive a server which does not answer."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as server:
                return _pinged(server)
        except (OSError, struct.error):
            return False


def _pinged(server: socket.socket) -> bool:
    import bson

    asked = BEFORE_THE_DOCUMENT + bson.encode({"ping": 1, "$db": "admin"})
    server.sendall(HEADER.pack(HEADER.size + len(asked), 1, 0, OP_MSG) + asked)
    with server.makefile("rb") as answers:
        length, *_ = HEADER.unpack(answers.read(HEADER.size))
        answer = answers.read(length - HEADER.size)
    return bool(bson.decode(answer[len(BEFORE_THE_DOCUMENT) :])["ok"])
