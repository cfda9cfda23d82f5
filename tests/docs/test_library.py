"""The program in docs/library.md runs as it stands there, prints what is said there, and needs nothing else."""

import re
import subprocess
import sys
from pathlib import Path

from myticket_core.payment.ports import PaymentProvider

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PORT = re.compile(r"^class (\w+)\(Protocol\):", re.MULTILINE)
MINE = (
    "from adapters.memory import MemoryDatabase, MemoryParking\n"
    "from adapters.system import RandomIds, SystemClock\n"
    "class MyParking(MemoryParking):\n"
    "    def __init__(self) -> None: super().__init__(MemoryDatabase(SystemClock(), RandomIds()))\n"
)
TWO_AND_ONE_KEY = """
async def main() -> None:
    ticket = (await RegisterTicket(tickets)(Register(company_id=1, price=1), cause("company 1"))).state
    async def wish(customer: int, asked: str) -> int:
        order = Book(ticket_id=ticket.id, customer_id=customer)
        return (await book(order, cause(f"customer {customer}", "the-same", asked))).booking.id
    assert [await wish(7, "a"), await wish(8, "a"), await wish(7, "a")] == [1, 2, 1]
    try:
        await wish(7, "b")
    except Exception as refused:
        assert refused.code == "key_reused"
    else:
        raise AssertionError
asyncio.run(main())
"""
NAMES = "\nimport sys; print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"


def page() -> str:
    return (ROOT / "docs" / "library.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return [block for found, block in BLOCK.findall(page()) if found == language]


def run(program: str) -> subprocess.CompletedProcess[str]:
    begin = f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r})\n"
    return subprocess.run([sys.executable, "-c", begin + program], capture_output=True, text=True, timeout=60)


def test_the_program_prints_what_the_page_says_and_needs_nothing_else():
    program, expected = blocks("python")[0], blocks("text")[0]
    ran = run(program + NAMES)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == expected
    bare = set(run(NAMES).stderr.split())
    brought = set(ran.stderr.split()) - sys.stdlib_module_names - bare
    assert brought == {"attr", "attrs", "adapters", "myticket_core"}


def test_the_program_is_short():
    assert len(blocks("python")[0].splitlines()) <= 60


def test_two_who_choose_the_same_key_have_a_booking_each():
    ran = run(blocks("python")[0].replace("asyncio.run(main())", TWO_AND_ONE_KEY))
    assert ran.returncode == 0, ran.stderr


def test_what_remembers_something_is_made_once_and_kept():
    assert re.search(r"^\w+ = SettlePayments\(", blocks("python")[0], re.MULTILINE)


def test_what_is_shown_is_typed(tmp_path):
    program, suite = blocks("python")
    files = {tmp_path / "program.py": program, tmp_path / "suite.py": MINE + suite}
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    mypy = (sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), *map(str, files))
    ran = subprocess.run(mypy, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_suite_runs_on_the_adapter_that_is_shown():
    ran = run("import unittest\n" + MINE + blocks("python")[1] + "\nunittest.main(argv=['TestMyParking'])")
    assert ran.returncode == 0, ran.stderr
    assert re.search(r"Ran [1-9]\d* tests", ran.stderr)


def test_the_ports_without_a_suite_are_named():
    core = ROOT / "src" / "myticket_core"
    ports = {name for path in core.rglob("ports.py") for name in PORT.findall(path.read_text(encoding="utf-8"))}
    tried = "".join(path.read_text(encoding="utf-8") for path in (core / "conformance").glob("*.py"))
    told = re.search(r"of all but (.*?),\s+which", page(), re.DOTALL)
    assert told
    assert set(re.findall(r"`(\w+)`", told[1])) == {name for name in ports if not re.search(rf"\b{name}\b", tried)}


def test_a_provider_has_as_many_methods_as_are_told():
    methods = [name for name in vars(PaymentProvider) if not name.startswith("_")]
    assert f"one class with {('no', 'one', 'two', 'three', 'four', 'five')[len(methods)]} methods" in page()
