"""Lines of the log, from wherever they come, are whole."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

LINES = 3000
PROGRAM = f"""
import logging, sys, threading
sys.setswitchinterval(1e-6)
import structlog
from apps.logs import configure
configure("info")

def foreign():
    for number in range({LINES}):
        logging.getLogger("myticket.kafka").warning("foreign %s", number)

thread = threading.Thread(target=foreign)
thread.start()
ours = structlog.get_logger("myticket")
for number in range({LINES}):
    ours.info("ours", number=number)
thread.join()
"""


def test_threads_do_not_write_into_each_others_lines():
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    said = [json.loads(line)["event"] for line in ran.stderr.splitlines()]
    assert said.count("ours") == LINES
    assert len(said) == 2 * LINES


@pytest.mark.parametrize(("level", "lines"), [("info", 0), ("debug", 1)])
def test_a_pool_that_goes_on_trying_is_quiet_unless_somebody_looks_closely(level, lines):
    """By the name under which the driver really says it."""
    from asyncpg.pool import logger

    ours = f"import logging; from apps.logs import configure; configure({level!r})"
    trying = f"{ours}; logging.getLogger({logger.name!r}).warning('retrying')"
    ran = subprocess.run([sys.executable, "-c", trying], capture_output=True, check=True)
    assert len(ran.stderr.splitlines()) == lines


UNHEARD = """
import logging
import structlog
from apps.logs import configure
configure("info")
for _ in range(1000):
    structlog.get_logger("myticket").info("ours")
    logging.getLogger("myticket.kafka").warning("foreign")
print("done")
"""


def test_work_goes_on_when_nothing_can_be_logged():
    """A worker that said what it had done ended for good when the disk of the log was full."""
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run([sys.executable, "-c", UNHEARD], stdout=subprocess.PIPE, stderr=write)
    os.close(write)
    assert ran.stdout == b"done\n"


FAILING = """
import structlog
from apps.logs import configure
configure("info")

def ask(token):
    raise ValueError("failed")

try:
    ask("".join(["se", "cret"]))
except ValueError:
    structlog.get_logger("myticket").exception("request failed")
"""


def on_a_terminal(program):
    master, terminal = os.openpty()
    subprocess.run([sys.executable, "-c", program], stderr=terminal, check=True)
    os.close(terminal)
    said = os.read(master, 100_000).decode()
    os.close(master)
    return said


def test_a_traceback_on_a_terminal_does_not_show_what_variables_hold():
    said = on_a_terminal(FAILING)
    assert "ValueError: failed" in said
    assert "secret" not in said


PATH = "/contacts/서울\x1b]0;pwned\x07\x1b[2J\x9b2J\x7f\u202etxt\u2066"
SHOWN = r"/contacts/서울\u001b]0;pwned\u0007\u001b[2J\u009b2J\u007f\u202etxt\u2066"
STRANGE = f"""
import logging
import structlog
from apps.logs import configure
configure("info")
path = {PATH!r}
structlog.get_logger("myticket").warning("cut off", path=path)
logging.getLogger("myticket.kafka").warning("%s\\nforged", path)
try:
    raise ValueError(path)
except ValueError:
    structlog.get_logger("myticket").exception("request failed")
"""


def test_what_strangers_wrote_does_not_steer_the_terminal_nor_forge_lines():
    said = on_a_terminal(STRANGE)
    plain = re.sub(r"\x1b\[\d*m", "", said)  # the renderer's own colours
    lines = plain.split("\r\n")
    assert all(line.isprintable() for line in lines), said
    assert f"path={SHOWN}" in lines[0]
    assert rf"{SHOWN}\nforged" in lines[1]
    assert lines[3:] == ["Traceback (most recent call last):", *lines[4:-2], f"ValueError: {SHOWN}", ""]


def test_lines_for_machines_can_be_looked_at_too_and_say_what_was_written():
    ran = subprocess.run([sys.executable, "-c", STRANGE], capture_output=True, check=True)
    lines = ran.stderr.decode().removesuffix("\n").split("\n")
    assert all(line.isprintable() for line in lines), lines
    assert f'"path":"{SHOWN}"' in lines[0]
    first, second, third = map(json.loads, lines)
    assert (first["path"], second["event"]) == (PATH, f"{PATH}\nforged")
    assert third["exception"].endswith(f"\nValueError: {PATH}")
