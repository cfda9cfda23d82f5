"""The script that makes compose.yaml's databases, on a real PostgreSQL."""

import os
import subprocess
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from scripts.services.postgres import _binary
from tests.services.container_files import ROOT

SCRIPT = ROOT / "containers" / "postgres-init.sh"


@pytest.fixture
async def urls(postgres_url, tmp_path):
    """Of two services, as secrets; what is made of them goes again."""
    server = urlsplit(postgres_url)
    letters = uuid4().hex.translate(str.maketrans("0123456789", "ghijklmnop"))
    names = [f"{letters}_one", f"{letters}_two"]
    made = {name: f"postgresql://{name}:it's {name}@{server.hostname}:{server.port}/{name}" for name in names}
    for name, url in made.items():
        (tmp_path / f"{name}_database_url").write_text(url)
    yield list(made.values())
    connection = await asyncpg.connect(postgres_url)
    for name in names:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.execute(f'DROP ROLE IF EXISTS "{name}"')
    await connection.close()


def made(postgres_url, folder):
    server = urlsplit(postgres_url)
    told = {"PGHOST": server.hostname, "PGPORT": str(server.port), "PGPASSWORD": server.password or ""}
    path = f"{os.path.dirname(_binary('psql'))}:{os.environ['PATH']}"
    environ = {**told, "PATH": path, "POSTGRES_USER": server.username, "SECRETS": str(folder)}
    return subprocess.run(["bash", SCRIPT], env=environ, capture_output=True, text=True)


async def test_each_service_has_a_database_of_its_own_and_gets_into_no_other(postgres_url, urls, tmp_path):
    assert made(postgres_url, tmp_path).returncode == 0
    for own, other in (urls, reversed(urls)):
        connection = await asyncpg.connect(own)
        await connection.execute("CREATE TABLE mine (id int)")
        await connection.close()
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(own, database=urlsplit(other).path[1:])


async def test_a_secret_that_is_no_url_stops_it_and_is_not_shown(postgres_url, urls, tmp_path):
    (tmp_path / "a_database_url").write_text("hush")
    run = made(postgres_url, tmp_path)
    assert run.returncode == 1
    assert "a_database_url has to be postgresql://" in run.stderr
    assert "hush" not in run.stderr


async def test_making_them_twice_is_an_error_and_not_silence(postgres_url, urls, tmp_path):
    made(postgres_url, tmp_path)
    run = made(postgres_url, tmp_path)
    assert run.returncode != 0
    assert "already exists" in run.stderr
