"""`make contracts`: writes what is committed under contracts/ anew."""

import asyncio

from tests.contracts.committed import FOLDER, generated


def main() -> None:
    files = asyncio.run(generated())
    for path, text in files.items():
        file = FOLDER / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    for file in set(found()) - files.keys():
        (FOLDER / file).unlink()


def found() -> list[str]:
    """The generated files that lie there."""
    patterns = ("openapi/*", "events/*", "asyncapi.yaml")
    return sorted(file.relative_to(FOLDER).as_posix() for pattern in patterns for file in FOLDER.glob(pattern))


if __name__ == "__main__":
    main()
