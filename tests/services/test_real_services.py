"""The servers that tests and `make up` start: each answers its own protocol, keeps what it acknowledged, and goes."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from scripts.services import Postgres, Service, StartFailed, family
from scripts.services.ports import listens
from scripts.services.running import Running
from tests.real import KEEPING, KINDS, RealServices
from tests.services.speaking import SPEAKING, until_gone

ROOT = Path(__file__).parents[2]
POSTGRES, DOCUMENTS, KAFKA = KEEPING
MANY = 50
STARTER = """
import sys
from scripts.services import Postgres
server = Postgres().start()
print(server.pid, server.port, server.data, flush=True)
sys.stdin.read()
"""
Own = Callable[..., Service]


@pytest.fixture
def own(real_services: RealServices) -> Iterator[Own]:
    """A server of the test's own, to kill."""
    made: list[Service] = []

    def start(setting: str, data: Path | None = None) -> Service:
        made.append(real_services.own(setting, data))
        return made[-1]

    yield start
    for service in made:
        service.stop()
        shutil.rmtree(service.data, ignore_errors=True)


@pytest.mark.parametrize("setting", KEEPING, ids=lambda setting: KINDS[setting].name)
def test_it_keeps_what_it_acknowledged_before_kill_9_and_leaves_nothing_running(own: Own, setting: str):
    server = own(setting)
    acknowledged = written_until_killed(server)
    server.start()
    assert set(acknowledged) <= SPEAKING[server.name].read(server.url)
    before = members(server)
    server.stop()
    assert [member for member in before if family.alive(member)] == []
    assert not listens(server.port)


def written_until_killed(server: Service) -> list[int]:
    acknowledged: list[int] = []
    writer = threading.Thread(target=SPEAKING[server.name].write, args=(server.url, acknowledged))
    writer.start()
    until(lambda: len(acknowledged) >= MANY)
    server.kill()
    writer.join()
    return acknowledged


def test_killing_postgres_takes_its_busy_connections_too_and_it_starts_again(own: Own):
    server = own(POSTGRES)
    busy = threading.Thread(target=until_gone, args=(server.url, "DO 'BEGIN LOOP END LOOP; END'"))
    busy.start()
    until(lambda: any("DO" in title(member) for member in members(server)))
    before = members(server)
    server.kill()
    assert [member for member in before if family.alive(member)] == []
    busy.join()
    server.start()


@pytest.mark.parametrize("setting", [POSTGRES, DOCUMENTS], ids=lambda setting: KINDS[setting].name)
def test_a_paused_one_answers_nothing_until_it_goes_on(own: Own, setting: str):
    server = own(setting)
    answer = threading.Thread(target=server.ready)
    server.pause()
    until(lambda: all(still(member) for member in members(server)))
    answer.start()
    answer.join(0.3)
    assert answer.is_alive()
    server.resume()
    until(server.ready)
    answer.join()


def test_a_paused_one_can_be_stopped(own: Own):
    server = own(POSTGRES)
    server.pause()
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < server.stops_within
    assert not listens(server.port)


def test_it_dies_with_its_starter_however_that_ends(own: Own):
    own(POSTGRES)
    starter = subprocess.Popen([sys.executable, "-c", STARTER], stdin=-1, stdout=-1, cwd=ROOT)
    with starter:
        pid, port, data = starter.stdout.readline().decode().split()
        server = psutil.Process(int(pid))
        assert listens(int(port))
        assert Path(data).exists()
        starter.kill()
    until(lambda: not family.alive(server))
    until(lambda: not listens(int(port)))
    until(lambda: not Path(data).exists())


def test_a_folder_that_only_we_can_get_to_serves_and_is_found_again(own: Own, tmp_path: Path):
    (tmp_path / "ours").mkdir(mode=0o700)
    first = own(POSTGRES, tmp_path / "ours" / "postgres")
    acknowledged = written_until_killed(first)
    second = own(POSTGRES, tmp_path / "ours" / "postgres")
    assert set(acknowledged) <= SPEAKING["postgres"].read(second.url)


def test_a_port_in_use_is_told(own: Own):
    server = own(POSTGRES)
    with pytest.raises(StartFailed, match=f"postgres cannot have port {server.port}: end who listens there"):
        Postgres(port=server.port).start()


def test_a_start_that_fails_tells_what_the_log_says_and_where_it_is(own: Own):
    server = own(POSTGRES)
    server.stop()
    (server.data / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(StartFailed) as told:
        server.start()
    assert str(server.log) in str(told.value)
    assert "initialized by PostgreSQL version 9" in str(told.value)


def test_all_come_up_together_and_go_at_sigterm(own: Own, tmp_path: Path):
    own(KAFKA).stop()
    words = [sys.executable, "-m", "scripts.services", "up", "--data", str(tmp_path)]
    with subprocess.Popen(words, stdout=-1, cwd=ROOT, text=True) as together:
        lines = [together.stdout.readline() for _ in KEEPING]
        assert [line.split()[0] for line in lines] == [KINDS[setting].name for setting in KEEPING]
        logs = [Path(line.split()[-1]) for line in lines]
        assert all(log.exists() for log in logs)
        assert together.stdout.readline() == "ready; end with Ctrl-C\n"
        before = psutil.Process(together.pid).children(recursive=True)
        together.terminate()
        assert together.wait(60) == 0
    assert [member for member in before if family.alive(member)] == []
    shutil.rmtree(logs[0].parent)


def members(server: Service) -> list[psutil.Process]:
    parent = psutil.Process(server.pid)
    return [parent, *parent.children(recursive=True)]


def title(member: psutil.Process) -> str:
    """Empty if it ended since it was counted: PostgreSQL's helpers come and go."""
    try:
        return " ".join(member.cmdline())
    except psutil.NoSuchProcess:
        return ""


def still(member: psutil.Process) -> bool:
    try:
        return member.status() in family.STILL
    except psutil.NoSuchProcess:
        return True


def until(there: Callable[[], bool]) -> None:
    late = time.monotonic() + 30
    while not there():
        assert time.monotonic() < late
        time.sleep(0.01)


def test_what_a_script_runs_ends_with_it(tmp_path: Path) -> None:
    """As Debian starts Chromium's shell."""
    running = Running(["sh", "-c", "sleep 600; true"], tmp_path / "log", None, {})
    while not (started := psutil.Process(running.pid).children()):
        time.sleep(0.01)
    running.end(signal.SIGTERM, 10)
    assert [it for it in started if family.alive(it)] == []
