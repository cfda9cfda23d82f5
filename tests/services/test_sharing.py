"""Of servers there is one each, however many workers run the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from multiprocessing.connection import Client
from pathlib import Path

import pytest

from scripts.services import Unavailable
from scripts.services.ports import listens
from tests.real import KINDS
from tests.sharing import Desk, asking

ROOT = Path(__file__).parents[2]
ASKS = """
import os, pathlib
def test_it(postgres_url, worker_id):
    pathlib.Path(__file__).with_name(worker_id).write_text(postgres_url)
"""


def test_two_workers_have_one_server_which_goes_with_the_run(tmp_path: Path):
    for name in "abcd":
        (tmp_path / f"test_{name}.py").write_text(ASKS)
    words = ["-q", "-n", "2", "--dist", "loadfile", "-c", str(ROOT / "pyproject.toml"), "-p", "tests.conftest"]
    here = {name: value for name, value in os.environ.items() if name not in KINDS}
    ran = subprocess.run([sys.executable, "-m", "pytest", *words, tmp_path], cwd=ROOT, env=here, capture_output=True)
    assert ran.returncode == 0, ran.stdout.decode()
    first, second = (tmp_path / worker for worker in ("gw0", "gw1"))
    assert first.read_text() == second.read_text()
    assert not listens(int(first.read_text().rpartition(":")[2].partition("/")[0]))


def test_a_refusal_and_a_worker_that_dies_are_no_trouble_to_the_others():
    def url(setting: str) -> str:
        if setting == "none":
            raise Unavailable("not here")
        return setting

    desk = Desk(url)
    Client(desk.address).close()
    ask = asking(desk.address)
    with pytest.raises(Unavailable, match="not here"):
        ask("none")
    assert ask("one") == "one"
