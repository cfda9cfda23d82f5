"""The image holds what is locked, runs as nobody in particular, and its probe and its start do what they say.

What is written is looked at; the two small programs in it are run.
"""

import json
import re
import subprocess
import sys
import threading
import tomllib
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from apps.environment import load
from tests.services.container_files import ROOT, image_environment, last_stage, steps

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def of(name: str) -> list[str]:
    return [step.text for step in last_stage() if step.name == name]


def test_everything_that_is_installed_is_locked_by_hashes_or_from_here():
    installs = [
        command for step in steps() if step.name == "RUN" for command in step.text.split("&&") if "/pip " in command
    ]
    assert len(installs) == 4
    assert [command for command in installs if not re.search("--require-hashes|--no-index", command)] == []


def test_no_address_is_written_down():
    text = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"https?://(?!127\.0\.0\.1)|--(?:extra-)?index-url|--find-links|--trusted-host", text) == []


def test_it_is_run_by_a_number_that_is_not_roots():
    assert of("USER") == ["10001:10001"]
    names = [step.name for step in last_stage()]
    assert "COPY" not in names[names.index("USER") :]


def test_no_pip_and_no_source_come_along():
    assert of("COPY") == ["--from=build /opt/myticket /opt/myticket"]
    assert "python -m venv --without-pip /opt/myticket" in (ROOT / "Dockerfile").read_text()


def test_it_says_what_it_is():
    labels = dict(re.findall(r'([\w.]+)="([^"]*)"', of("LABEL")[0]))
    assert labels["org.opencontainers.image.version"] == PROJECT["version"]
    assert labels["org.opencontainers.image.licenses"] == PROJECT["license"]
    assert of("EXPOSE") == [image_environment()["PORT"]]


def test_python_is_new_enough():
    default = next(step.text for step in steps() if step.name == "ARG").removeprefix("PYTHON=")
    least = PROJECT["requires-python"].removeprefix(">=")
    assert tuple(map(int, default.split("."))) >= tuple(map(int, least.split(".")))


def test_what_is_copied_is_let_through_and_nothing_secret_is():
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    let_through = [line.removeprefix("!") for line in lines if line.startswith("!")]
    assert set(let_through) == {
        "LICENSE", "README.md", "pyproject.toml", "requirements/run.txt", "requirements/dev.txt", "src"
    }  # fmt: skip
    copied = " ".join(step.text for step in steps() if step.name == "COPY" and "--from" not in step.text).split()
    for source in {word.rstrip("/") for word in copied} - {".", "./"}:
        assert any(fnmatch(path, f"{source}*") for path in let_through)


@pytest.mark.parametrize(("path", "status", "healthy"), [("/livez", 200, True), ("/livez", 503, False)])
def test_the_probe_believes_livez(path, status, healthy):
    with HTTPServer(("127.0.0.1", 0), _answering({path: status})) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        assert (_probe(PORT=str(server.server_port)) == 0) is healthy
        server.shutdown()


@pytest.mark.parametrize("name", ["PORT", "MYTICKET_PORT"])
def test_the_probe_asks_where_the_settings_have_it_listen(name):
    with HTTPServer(("127.0.0.1", 0), _answering({"/livez": 200})) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        environ = {"PORT": "9", "MYTICKET_PORT": ""} | {name: str(server.server_port)}
        assert _probe(**environ) == 0
        assert load(environ).port == server.server_port
        server.shutdown()


def test_the_probe_fails_where_nobody_listens():
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as taken:
        port = taken.server_port
    assert _probe(PORT=str(port)) != 0


def test_the_service_is_the_process_that_gets_the_signals(tmp_path):
    """The shell that knows which service it is has gone when that starts."""
    fake = tmp_path / "myticket"
    fake.write_text('#!/bin/sh\necho $$ "$@"\n')
    fake.chmod(0o755)
    words = json.loads(of("CMD")[0])
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin", "SERVICE": "book"}
    with subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, text=True) as started:
        said, _ = started.communicate(timeout=30)
    assert said == f"{started.pid} serve book --host 0.0.0.0\n"


@pytest.mark.parametrize(("service", "built"), [("book", True), ("books", False), ("", False)])
def test_an_image_for_no_service_is_not_built(service, built):
    check = of("RUN")[-1].replace("python ", f"{sys.executable} ", 1)
    code = subprocess.run(["sh", "-c", check], env={"SERVICE": service}, capture_output=True).returncode
    assert (code == 0) is built


def _probe(**environ: str) -> int:
    words = json.loads(of("HEALTHCHECK")[0].partition("CMD ")[2])
    return subprocess.run([sys.executable, *words[1:]], env=environ, capture_output=True).returncode


def _answering(answers):
    class Answering(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(answers.get(self.path, 404))
            self.end_headers()

        def log_message(self, *_): ...

    return Answering
