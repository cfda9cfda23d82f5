"""`python3 scripts/passwords.py`: the passwords of compose.yaml's databases, in .secrets/, for any Python.

Only its owner gets into the folder; the files in it may be read by everybody, because a container, which sees them
under the owner's number of this machine, runs under another one.
"""

import os
import secrets
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[1] / ".secrets"


def password() -> str:
    """Of letters and digits, which mean themselves in a URL."""
    return secrets.token_hex(24)


def contents() -> dict[str, str]:
    services = ("ticket", "book", "pay", "alarm")
    urls = {f"{name}_database_url": f"postgresql://{name}:{password()}@postgres:5432/{name}" for name in services}
    return {
        **urls,
        "mongodb_url": f"mongodb://mypage:{password()}@mongo:27017/mypage",
        "postgres_password": password(),
        "mongo_root_password": password(),
    }


def make(folder: Path) -> list[str]:
    """The names of those that were missing; what is there stays, for the databases know it."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    return [name for name, text in contents().items() if _written(folder / name, text)]


def _written(file: Path, text: str) -> bool:
    if file.exists():
        return False
    half = file.with_suffix(".half")
    half.write_text(text)
    half.chmod(0o444)
    os.rename(half, file)
    return True


if __name__ == "__main__":
    sys.stdout.write(f"made {', '.join(make(FOLDER)) or 'nothing, all are there'}\n")
