"""What a run without a server says: skipped and told at the very end, or failed in CI; never passed over in silence."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.services import Documents, Kafka, Postgres, StripeMock, Unavailable, kafka_archive, kafka_jars, postgres
from tests.real import KINDS, RealServices, Started

ROOT = Path(__file__).parents[2]
KAFKA = "MYTICKET_TEST_KAFKA"
NEEDS_KAFKA = "def test_it(kafka):\n    assert kafka == 'given:9092'\n"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All that is on PATH, and no cache of what was fetched before."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


def put(folder: Path, name: str, says: str, code: int = 0) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{says}' >&2\nexit {code}\n")
    program.chmod(stat.S_IRWXU)


def a_run(tmp_path: Path, *options: str, **settings: str) -> tuple[list[str], int]:
    """The last lines of a pytest run with this project's conftest whose one test needs Kafka, and its exit code."""
    (tmp_path / "test_one.py").write_text(NEEDS_KAFKA)
    words = ["-q", "-c", str(ROOT / "pyproject.toml"), "-p", "tests.conftest", *options, str(tmp_path / "test_one.py")]
    here = {name: value for name, value in os.environ.items() if name not in {"CI", *KINDS}}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *words], cwd=ROOT, env={**here, **settings}, capture_output=True, text=True
    )
    return ran.stdout.splitlines(), ran.returncode


@pytest.mark.parametrize("options", [(), ("-n", "2"), ("-p", "no:xdist")], ids=["alone", "workers", "no-xdist"])
def test_a_run_without_java_ends_well_and_its_last_lines_say_what_was_not_tried(tmp_path, programs, options):
    lines, code = a_run(tmp_path, *options)
    assert code == 0
    assert lines[-2] == (
        "kafka was not tried: no java on PATH: install a JDK 17 or newer, or give the URL of one in MYTICKET_TEST_KAFKA"
    )
    assert "1 skipped" in lines[-1]


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "workers"])
def test_in_ci_it_fails(tmp_path, programs, options):
    lines, code = a_run(tmp_path, *options, CI="true")
    assert code == 1
    assert any("in CI every service has to be there. kafka: no java on PATH" in line for line in lines)


def test_a_given_url_comes_first_and_nothing_is_said(tmp_path, programs):
    lines, code = a_run(tmp_path, CI="true", MYTICKET_TEST_KAFKA="given:9092")
    assert code == 0
    assert not any("not tried" in line for line in lines)


def test_one_that_could_not_be_had_is_not_tried_again(programs):
    started = Started(contextlib.nullcontext)
    services = RealServices(started, started.url)
    for _ in range(2):
        with pytest.raises((pytest.skip.Exception, pytest.fail.Exception)):
            services.url(KAFKA)
        put(programs, "java", 'openjdk version "17.0.1"')
        put(programs, "mvn", "[ERROR] no way out", code=1)
    assert services.missing == {KAFKA: "no java on PATH: install a JDK 17 or newer"}


@pytest.mark.parametrize("said, found", [('java version "1.8.0_302"', 1), ('openjdk version "11.0.2" 2019', 11)])
def test_a_java_that_is_too_old_is_told(programs, said, found):
    put(programs, "java", said)
    assert Kafka.available() == f"java on PATH is {found}: install a JDK 17 or newer"


def test_maven_is_needed_only_until_the_jars_are_here(programs, tmp_path):
    put(programs, "java", 'openjdk version "21" 2023-09-19')
    assert Kafka.available() == "no mvn on PATH to get Kafka's jars with: install Apache Maven"
    jar = tmp_path / "broker.jar"
    jar.touch()
    keep(tmp_path / "cache", str(jar))
    assert Kafka.available() is None
    jar.unlink()
    assert Kafka.available() is not None


def keep(cache: Path, path: str) -> None:
    folder = cache / "myticket"
    folder.mkdir(parents=True)
    (folder / f"kafka-{kafka_jars.VERSION}.classpath").write_text(path)


def test_jars_that_maven_cannot_get_are_told_and_nothing_is_kept(programs, tmp_path):
    put(programs, "mvn", "[ERROR] no way out", code=1)
    with pytest.raises(Unavailable, match=r"(?s)mvn could not get Kafka's jars.*no way out"):
        kafka_jars.class_path()
    assert kafka_jars.known() is None


def test_a_brokers_classes_are_left_behind_once_for_each_java(programs):
    left = list[Path]()
    for java in ("17.0.1", "17.0.1", "21"):
        assert kafka_archive.archived(java, left.append).name.endswith(f"-java-{java}.jsa")
    assert [it.name for it in left] == [f"kafka-{kafka_jars.VERSION}-java-{java}.half" for java in ("17.0.1", "21")]


def test_programs_that_cannot_be_executed_are_told(tmp_path, monkeypatch):
    (tmp_path / "postgres").touch(mode=0o600)
    monkeypatch.setattr(postgres, "_binary", lambda name: str(tmp_path / name))
    assert "its programs cannot be executed" in (Postgres.available() or "")


def test_without_go_there_is_no_stripe_mock_and_it_says_how_to_have_one(programs):
    with pytest.raises(Unavailable, match="no go on PATH: install Go"):
        StripeMock().start()


def test_go_that_cannot_build_it_is_quoted(programs):
    put(programs, "go", "dial tcp: no such host", code=1)
    with pytest.raises(Unavailable, match="its module proxy:\ndial tcp: no such host"):
        StripeMock().start()


def test_a_documents_server_that_was_named_is_taken_or_told(programs, monkeypatch, tmp_path):
    monkeypatch.setenv("MYTICKET_SECANTUSD", "secantusd-rs")
    assert Documents.available() == "MYTICKET_SECANTUSD names no program: secantusd-rs"
    put(programs, "secantusd-rs", "")
    assert Documents.available() is None
    assert Documents(tmp_path).command()[0] == "secantusd-rs"
