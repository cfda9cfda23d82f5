"""`make overload`: what buyers see while pay is hung, failing, slow, flapping, killed, or asked for too much.

Book and pay are processes of their own, on files; what misbehaves stands between them. The load shares the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, Final

from attrs import define, field

from benchmarks.overload_load import Answered, sent
from myticket_core.access import Role
from tests.e2e.forking import executed
from tests.e2e.split import Split
from tests.e2e.test_overload import all_but, booking
from tests.services.moody import FAILS, FLAPS, GOOD, HANGS, HELD, SLOW

ORIGINAL: Final = (
    "the original, siege -c255: 36.99/s and 50.07 % without its breaker, 13.48 % with it; pay killed halfway: 27.32 %"
)
PAID: Final = (200, 201)


@define
class Trial:
    split: Split
    ticket: int
    rate: float
    figures: dict[str, Any] = field(factory=dict)
    refused: list[Answered] = field(factory=list)
    _numbers: count[int] = field(factory=lambda: count(10_000, 10_000))

    async def load(self, seconds: float, **how: float) -> list[Answered]:
        job = {"data": str(self.split.data), "url": self.split.url("book"), "ticket": self.ticket}
        found = await sent({**job, "first": next(self._numbers), "seconds": seconds, **how})
        self.refused += [answer for answer in found if answer.status not in (201, 402)]
        return found

    async def fault(self, name: str, begin: Callable[[], None], end: Callable[[], None], lasting: float) -> None:
        loading = asyncio.create_task(self.load(lasting + 10, rate=self.rate))
        await asyncio.sleep(3)
        began = time.time()
        begin()
        await asyncio.sleep(lasting)
        ended = time.time()
        end()
        answers = await loading
        changes = [change for change in self.changes() if change[0] >= began]
        opened = next((at for at, to in changes if to == "open"), None)
        closed = next((at for at, to in reversed(changes) if to == "closed"), None)
        probe = self._first_good(ended, changes)
        fast = sorted(
            it.ms for it in answers if it.status == 503 and it.at < ended and _state(changes, it.at) == "open"
        )
        self.tell(
            name,
            {
                "opens after s": opened and round(opened - began, 2),
                "fast answers": len(fast),
                "fast p50, p99 ms": _percentiles(fast),
                "closes s after the first good probe": _since(probe, closed),
                "answers": dict(Counter(str(it.status) for it in answers)),
                "kept or booked": f"{sum(it.kept or it.status == 201 for it in answers)} of {len(answers)}",
                "doubt resolved p99 s after": self._resolved(answers, ended),
            },
        )

    def _first_good(self, ended: float, changes: Sequence[tuple[float, str]]) -> float | None:
        """The first good answer of pay after it was well again, and somebody was let in to try."""
        tried = next((at for at, to in changes if at >= ended and to in ("half_open", "closed")), ended)
        tried = max((at for at, to in changes if to == "half_open" and at <= tried), default=tried)
        answered = self.split.between.answered
        return next((at for at, status in answered if at >= max(tried, ended) and status in PAID), None)

    def changes(self) -> list[tuple[float, str]]:
        """When the circuit of charges became what, as book's log has it."""
        lines = (json.loads(line) for line in self.split.log("book").read_text().splitlines() if '"circuit"' in line)
        return [(_at(it["timestamp"]), it["after"]) for it in lines if it["to"] == "charge"]

    def _resolved(self, answers: Sequence[Answered], ended: float) -> float | None:
        """Of bookings in doubt: the seconds from when pay was well again until they were settled."""
        doubted = {it.booking for it in answers if it.status == 202}
        with closing(sqlite3.connect(f"file:{self.split.data}/book.sqlite?mode=ro", uri=True)) as book:
            rows = book.execute("SELECT id, at FROM ledger WHERE kind = 'bookings' AND before = 'PENDING'").fetchall()
        waits = sorted(max(0.0, at / 1e6 - ended) for id, at in rows if id in doubted)
        return round(waits[int(len(waits) * 0.99)], 1) if waits else None

    def tell(self, name: str, figures: dict[str, Any]) -> None:
        self.figures[name] = figures
        say(f"{name:12s} " + "; ".join(f"{what}: {value}" for what, value in figures.items() if value is not None))


def _state(changes: Sequence[tuple[float, str]], at: float) -> str:
    return next((to for changed, to in reversed(changes) if changed < at), "closed")


def _since(probe: float | None, closed: float | None) -> float | None:
    """None, too, when it was closed already: pay that flaps is well now and then."""
    return round(closed - probe, 2) if probe and closed and closed > probe else None


def _percentiles(ordered: Sequence[float]) -> str | None:
    if not ordered:
        return None
    return ", ".join(f"{ordered[int(len(ordered) * part)]:.1f}" for part in (0.5, 0.99))


def _at(timestamp: str) -> float:
    return datetime.fromisoformat(timestamp).timestamp()


async def probes(trial: Trial) -> None:
    """200 at once when it may be tried again, and the probes are kept from ending."""
    here = trial.split.between
    here.mood = FAILS
    await trial.load(2, rate=50)
    await trial.split.becomes("half_open")
    here.mood, here.held = HELD, 0
    here.let_go.clear()
    buyers = next(trial._numbers)
    trying = booking(trial.split, trial.ticket, range(buyers, buyers + 200))
    await all_but(3, trying)
    trial.tell("probes", {"of 200 at once": here.held})
    here.mood = GOOD
    here.let_go.set()
    for buyer, answer in enumerate(await asyncio.gather(*trying), start=buyers):
        if answer.status != 201:
            later = int(answer.headers.get("Retry-After", 1))
            trial.refused.append(Answered(0, 0, answer.status, answer.body.get("bookId"), buyer, later))
    await trial.load(5, rate=trial.rate)


async def twice(trial: Trial, seconds: float) -> None:
    """Pay takes 80 charges a second: four at a time, a twentieth of a second each."""
    here = trial.split.between
    here.can_take(4, 0.05)
    can = await _directly(trial, seconds)
    began = time.time()
    answers = await trial.load(seconds, rate=2 * can)
    first, last = min(it.at for it in answers) + 1, max(it.at for it in answers)
    good = sum(first <= at < last and status in PAID for at, status in here.answered) / (last - first)
    used = here.used(first, last)
    here.can_take(1000, 0.0)
    here._places = None
    booked = sum(it.status == 201 for it in answers)
    trial.tell(
        "twice",
        {
            "pay takes a second": round(can, 1),
            "asked for": round(len(answers) / seconds, 1),
            "charged a second": round(good, 1),
            "of the time that pay has given to charging %": round(100 * used, 1),
            "booked at once %": round(100 * booked / len(answers), 1),
            "kept or booked": f"{sum(it.kept or it.status == 201 for it in answers)} of {len(answers)}",
            "changes of the circuit": len([at for at, _ in trial.changes() if at > began]),
        },
    )


async def _directly(trial: Trial, seconds: float) -> float:
    """Charges a second that pay takes when nothing else asks it, cards that are declined: they leave no money."""
    here, token = trial.split.between, trial.split.token(Role.SERVICE)
    numbers, ends, before = count(10**9 + int(time.time())), time.monotonic() + seconds, len(here.answered)

    async def ask() -> None:
        while time.monotonic() < ends:
            body = {"bookId": next(numbers), "price": 1, "paymentMethod": "sandbox-decline"}
            headers = {"Authorization": f"Bearer {token}"}
            async with trial.split.http.post(f"{here.url}/payments", json=body, headers=headers) as answer:
                await answer.read()

    await asyncio.gather(*(ask() for _ in range(16)))
    return (len(here.answered) - before) / seconds


async def killed(trial: Trial, seconds: float) -> None:
    """255 buyers in a loop, and pay is killed halfway: what siege showed of the original."""
    loading = asyncio.create_task(trial.load(seconds, connections=255))
    await asyncio.sleep(1 + seconds / 2)
    await trial.split.kill("pay")
    answers = await loading
    booked, kept = sum(it.status == 201 for it in answers), sum(it.kept for it in answers)
    trial.tell(
        "killed",
        {
            "answers a second": round(len(answers) / seconds, 1),
            "booked a second": round(booked / seconds, 1),
            "booked %": round(100 * booked / len(answers), 2),
            "booked or kept with a clear answer %": round(100 * (booked + kept) / len(answers), 2),
            "answers": dict(Counter(str(it.status) for it in answers)),
        },
    )
    say(f"{'':12s} {ORIGINAL}")
    await trial.split.start("pay")


async def everybody_pays(trial: Trial) -> None:
    """Whoever was put off asks again until it is booked; then everything is compared with everything."""
    split, few = trial.split, asyncio.Semaphore(32)

    async def one(refused: Answered) -> int:
        token = split.token(Role.CUSTOMER, customer_id=refused.customer)
        while True:
            async with few:
                answer = await split.ask("POST", f"/books/{refused.booking}/payment", token)
            if answer.status not in (202, 503):
                return answer.status
            await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))

    without = sum(answer.booking is None for answer in trial.refused)
    came = Counter(await asyncio.gather(*(one(it) for it in trial.refused if it.booking is not None)))
    audit = await split.at_rest(within=120)
    counts = audit["compared"]["counts"]
    trial.tell(
        "afterwards",
        {
            "refused": len(trial.refused),
            "without a held seat": without,
            "paid later": came[200],
            "came to anything else": sum(came.values()) - came[200],
            "bookings, charges": f"{counts['bookings BOOKED']}, {counts['charges']}",
            "contradictions": len(audit["violations"]),
        },
    )


async def main(rate: float, lasting: float, as_json: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with Split(Path(folder), {"MYTICKET_LOG_LEVEL": "warning"}, begin=executed) as split:
            trial, here = Trial(split, await split.ticket(), rate), split.between
            moods: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
                "stopped": (
                    lambda: split.signal("pay", signal.SIGSTOP),
                    lambda: split.signal("pay", signal.SIGCONT),
                ),
                **{
                    mood: (lambda mood=mood: setattr(here, "mood", mood), lambda: setattr(here, "mood", GOOD))  # type: ignore[misc]
                    for mood in (HANGS, FAILS, SLOW, FLAPS)
                },
            }
            for name, (begin, end) in moods.items():
                await trial.fault(name, begin, end, lasting)
            steps: tuple[Callable[[], Awaitable[None]], ...] = (
                lambda: probes(trial),
                lambda: twice(trial, 2 * lasting),
                lambda: killed(trial, lasting),
                lambda: everybody_pays(trial),
            )
            for step in steps:
                await step()
    if as_json:
        print(json.dumps(trial.figures))


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rate", type=float, default=60.0, help="buyers a second while pay misbehaves (60)")
    options.add_argument("--seconds", type=float, default=8.0, help="that each trouble lasts (8)")
    options.add_argument("--json", action="store_true", help="print the figures as JSON on stdout")
    given = options.parse_args()
    asyncio.run(main(given.rate, given.seconds, given.json))
