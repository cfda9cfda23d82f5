"""Whoever starts a command may have closed some of the three streams that it begins with."""

import asyncio
from asyncio.subprocess import PIPE

import pytest

from tests.e2e.system import command


async def ended(closed, *words):
    """Its exit code, and what it could still say."""
    shell = ("sh", "-c", f'exec "$0" "$@" {closed}')
    process = await asyncio.create_subprocess_exec(*shell, *command(*words), stdout=PIPE, stderr=PIPE)
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, said.decode()


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
async def test_a_command_works_all_the_same(closed, tmp_path):
    code, said = await ended(closed, "openapi", "book")
    assert (code, bool(said)) == (0, ">&-" not in closed.replace("2>&-", ""))
    migrated, _ = await ended(closed, "migrate", "pay", "--data", str(tmp_path))
    assert (migrated, (tmp_path / "pay.sqlite").exists()) == (0, True)
