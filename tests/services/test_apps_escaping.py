"""What strangers wrote is shown as text, by whatever prints it."""

import json

import pytest

from apps.audit import Found, _people
from apps.escaping import escaped, escaped_lines
from apps.printing import table, to_json
from myticket_core.invariants import NotificationRow, Snapshot
from tests.e2e.forking import ran

CONTROLS = [*range(0x20), *range(0x7F, 0xA0)]
DIRECTIONS = [0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
OTHERS = [0xD800, 0x2028, 0x2029, 0xDFFF, 0xE0001]
EVIL = "".join(map(chr, [*CONTROLS, *DIRECTIONS, *OTHERS]))


def test_nothing_of_it_reaches_the_terminal_and_json_stays_what_it_was():
    assert escaped(EVIL).isprintable()
    assert json.loads(escaped(json.dumps([EVIL], ensure_ascii=False))) == [EVIL]


@pytest.mark.parametrize("text", ["서울 재즈의 밤, 1석 ₩15,000", "é ✓ 日本 👍", r"C:\new", '"quoted"', ""])
def test_what_can_be_read_stays_as_it_is(text):
    assert escaped(text) == escaped_lines(text) == text


def test_a_table_has_a_line_for_each_row_and_json_its_own_line_breaks(capsys):
    table(("key", "reason"), [(EVIL, EVIL), ("밤", None)])
    _, evil, korean = capsys.readouterr().out.removesuffix("\n").split("\n")
    assert evil.rstrip() == f"{escaped(EVIL)}  {escaped(EVIL)}"
    assert korean.split() == ["밤", "–"]
    to_json({"밤": EVIL})
    said = capsys.readouterr().out
    assert said == f'{{\n  "밤": {json.dumps(EVIL)}\n}}\n'


def test_an_audit_names_an_event_whatever_it_calls_itself(capsys):
    """Whoever writes to the log says what its id is."""
    row = NotificationRow(event_id=EVIL, event="Said", channel="in_app", status="QUEUED", correlation_id="case")
    _people(Found(Snapshot(notifications=[row]), [], []))
    assert f"under way: to be delivered: {escaped(EVIL)}\n" in capsys.readouterr().out


async def test_what_a_command_says_of_trouble_is_text_too(tmp_path):
    code, _, said = await ran("dlq", "list", "pay", "--data", str(tmp_path / "\x9b2J\x1b[2J밤"))
    assert said.removesuffix("\n").isprintable(), said
    assert (code, r"\u009b2J\u001b[2J밤:" in said) == (1, True)
