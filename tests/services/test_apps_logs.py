"""Lines of the log, from wherever they come, are whole."""

from __future__ import annotations

import json
import os
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


def test_a_traceback_on_a_terminal_does_not_show_what_variables_hold():
    master, terminal = os.openpty()
    subprocess.run([sys.executable, "-c", FAILING], stderr=terminal, check=True)
    os.close(terminal)
    said = os.read(master, 100_000).decode()
    os.close(master)
    assert "ValueError: failed" in said
    assert "secret" not in said
