"""`make contracts`: writes what is committed under contracts/ anew."""

import asyncio

from tests.contracts.committed import agreed, described, kept_descriptions, kept_pacts
from tests.contracts.written import FOLDER


async def main() -> None:
    files = await described() | await agreed()
    for path, text in files.items():
        file = FOLDER / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    for path in (kept_descriptions() | kept_pacts()).keys() - files.keys():
        (FOLDER / path).unlink()


if __name__ == "__main__":
    asyncio.run(main())
