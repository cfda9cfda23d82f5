"""SecantusDB: MongoDB's protocol on the WiredTiger engine, from the wheel `secantusdb`."""

import importlib.util
import sys

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from scripts.services.ports import listens
from scripts.services.service import Service


class Documents(Service):
    """What was acknowledged is on disk."""

    name = "documents"

    @classmethod
    def available(cls) -> str | None:
        if importlib.util.find_spec("secantus") is None:
            return "no secantusdb here: python -m pip install -r requirements/dev.txt"
        return None

    @property
    def url(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        at = ["--host", "127.0.0.1", "--port", str(self.port), "--storage-path", str(self.data / "data")]
        return [sys.executable, "-m", "secantus", *at, "--sync-on-commit", "--cache-size", "128M"]

    def ready(self) -> bool:
        if not listens(self.port):
            return False
        try:
            with MongoClient(self.url, serverSelectionTimeoutMS=1000, directConnection=True) as client:
                return bool(client.admin.command("ping")["ok"])
        except PyMongoError:
            return False
