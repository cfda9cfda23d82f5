"""The core imports the standard library and attrs; IO, clock and chance are behind ports; no HTTP in it."""

import pytest

from tests.architecture.core_rules import BEHIND_A_PORT, violations
from tests.architecture.tree import modules


def test_there_is_a_core_to_check():
    assert "myticket_core.messages" in dict(modules("myticket_core"))


@pytest.mark.parametrize("module, source", [pytest.param(*each, id=each[0]) for each in modules("myticket_core")])
def test_module_keeps_the_rules(module, source):
    assert violations(module, source) == []


PLANTED = [
    ("relay", "import sqlalchemy"),
    ("relay", "from litestar.connection import Request"),
    ("relay", "def late():\n    import msgspec"),
    ("relay", "if TYPE_CHECKING:\n    from adapters.memory import log"),
    ("conformance.bookings", "import pytest"),
    *(("booking.book", f"import {name}") for name in sorted(BEHIND_A_PORT)),
    ("booking.book", "from os.path import join"),
    ("booking.book", "import datetime\nat = datetime.datetime.now(datetime.UTC)"),
    ("booking.book", "from datetime import datetime\nat = datetime.utcnow()"),
    ("booking.book", "from datetime import date as day\ntoday = day.today()"),
    ("booking.book", "from datetime import datetime\nat = field(factory=datetime.now)"),
    ("payment.approve", "raise Rejected(402)"),
    ("ticket", "CREATED = 201"),
]


@pytest.mark.parametrize("module, source", PLANTED)
def test_a_planted_violation_is_seen(module, source):
    assert len(violations(f"myticket_core.{module}", source)) == 1


HARMLESS = [
    ("relay", "from collections import deque\nimport attrs\nfrom attr import frozen"),
    ("relay", "from . import ports\nfrom myticket_core.messages import Cause"),
    ("relay", "from datetime import UTC, datetime\nat = clock.now()"),
    ("conformance.bookings", "import asyncio, uuid\nfrom datetime import datetime\nat = datetime.now()"),
    ("relay", "BATCH = 500"),
    ("booking.book", "LONGEST = 255\nCHUNK = 200\nSEATS = 600\nSURE = True"),
]


@pytest.mark.parametrize("module, source", HARMLESS)
def test_what_is_allowed_is_let_through(module, source):
    assert violations(f"myticket_core.{module}", source) == []
