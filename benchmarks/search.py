"""`make bench-search`: search over a million tickets on PostgreSQL, and on SQLite; and what registering them costs.

    python -m benchmarks.search [--tickets 1000000] [--times 200] [--sqlite]

Names are made up of what Korean and English ones are made of; half of the tickets are over. Delays are those of the
repository, asked one after the other, the total included. Each kind of question is asked with other words each time.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg
import psutil
import uvloop

from adapters.persistence import Database, SqlTickets, migrate
from adapters.persistence.schema.types import micros
from adapters.system import RandomIds, SystemClock
from myticket_core.messages import Cause
from myticket_core.paging import Order, Paging
from myticket_core.ticket.ports import Search, folded
from myticket_core.ticket.register import Register
from scripts.services import Postgres

TODAY: Final = datetime(2026, 11, 26, tzinfo=UTC)
DAY: Final = timedelta(days=1)
COMPANIES: Final = 2_000
PRICES: Final = [1000 * number for number in range(200)]
CITIES: Final = "서울 부산 대구 인천 광주 대전 울산 수원 제주 전주 강릉 춘천 Seoul Busan Jeju".split()
KINDS: Final = "콘서트 뮤지컬 연극 전시회 페스티벌 독주회 팬미팅 Concert Festival Musical Exhibition Live".split()
MOODS: Final = "봄 여름 가을 겨울 밤의 첫번째 마지막 특별 앙코르 Summer Winter Midnight Special Acoustic Encore".split()
SYLLABLES: Final = "가나다라마바사아자차하고노도로모보소오조초호기니디리미비시이지구누두루무부수우주후"
SOUNDS: Final = (
    "ba be bi bo da de do fa fe ga go ha jo ka ki la le lo ma me mi na no ra ri ro sa se ta to va zu".split()
)
COLUMNS: Final = ("company_id", "price", "name", "capacity", "starts", "ends", "status", "available",
                  "stock_version", "version", "folded")  # fmt: skip


def performer(chance: random.Random) -> str:
    """Some tens of thousands of each kind: a few tickets each."""
    if chance.random() < 0.7:
        return "".join(chance.choice(SYLLABLES) for _ in range(3))
    return "".join(chance.choice(SOUNDS) for _ in range(3)).title()


def rows(number: int) -> Iterator[tuple[Any, ...]]:
    chance = random.Random(7)
    for _ in range(number):
        name = " ".join((chance.choice(CITIES), performer(chance), chance.choice(MOODS), chance.choice(KINDS)))
        starts = (
            TODAY + chance.randrange(-365 * 24, 365 * 24) * timedelta(hours=1) if chance.random() < 0.99999 else None
        )
        ends = starts + chance.choice((2, 3, 4, 24, 72, 720)) * timedelta(hours=1) if starts else None
        when = [moment and micros(moment) for moment in (starts, ends)]
        company, price, left = chance.randrange(1, COMPANIES), chance.choice(PRICES), chance.random() < 0.9
        yield (company, price, name, 100, *when, "ON_SALE", left, 0, 1, folded(name))


SOON: Final = (Order("starts"),)
QUESTIONS: Final[dict[str, Callable[[random.Random], tuple[Search, Paging]]]] = {
    "a performer, Korean": lambda it: (Search(text="".join(it.choice(SYLLABLES) for _ in range(3))), Paging()),
    "a performer, English": lambda it: (Search(text="".join(it.choice(SOUNDS) for _ in range(3))), Paging()),
    "two syllables of a name": lambda it: (Search(text="".join(it.choice(SYLLABLES) for _ in range(2))), Paging()),
    "two syllables, a city": lambda it: (Search(text=it.choice(CITIES[:10])), Paging()),
    "one syllable": lambda it: (Search(text=it.choice(SYLLABLES + "봄밤")), Paging()),
    "a frequent word, by date": lambda it: (Search(text=it.choice(KINDS)), Paging(order=SOON)),
    "two frequent words, by price": lambda it: (
        Search(text=f"{it.choice(MOODS)} {it.choice(KINDS)}"), Paging(order=(Order("price"),))),
    "nothing has it": lambda it: (Search(text=f"쀍{it.choice(KINDS)}"), Paging()),
    "a company's": lambda it: (Search(company_id=it.randrange(1, COMPANIES)), Paging()),
    "a price": lambda it: (Search(price_from=(low := it.choice(PRICES)), price_to=low), Paging(order=SOON)),
    "half of the prices": lambda it: (Search(price_from=it.choice(PRICES[50:100])), Paging(order=SOON)),
    "one day": lambda it: (
        Search(from_date=(day := TODAY + it.randrange(300) * DAY), to_date=day + DAY), Paging(order=SOON)),
    "from today, by date (the web's)": lambda it: (
        Search(from_date=TODAY + it.randrange(24) * timedelta(hours=1)), Paging(size=12, order=SOON)),
    "what is left, cheapest first": lambda it: (Search(only_available=True), Paging(order=(Order("price"),))),
    "all of it together": lambda it: (
        Search(text=it.choice(CITIES), price_from=20_000, price_to=90_000, from_date=TODAY, to_date=TODAY + 30 * DAY,
               only_available=True), Paging(order=SOON)),
    "everything": lambda it: (Search(), Paging()),
    "everything, latest first": lambda it: (Search(), Paging(order=(Order("starts", descending=True),))),
    "everything, page 25,000": lambda it: (Search(), Paging(number=25_000 + it.randrange(100))),
    "a frequent word, page 500": lambda it: (Search(text=it.choice(KINDS)), Paging(number=500, order=SOON)),
}  # fmt: skip


async def asked(url: str, times: int, server: int | None = None) -> None:
    """CPU is that of this process, and of the server's with this number; what else the machine does weighs less."""
    db = await Database.open(url, "ticket", SystemClock(), RandomIds())
    tickets, chance = SqlTickets(db), random.Random(11)
    for title, question in QUESTIONS.items():
        late, totals, spent = list[float](), list[int](), _spent(server)
        for number in range(times + 10):
            search, paging = question(chance)
            began = time.perf_counter()
            page = await tickets.search(search, paging)
            if number >= 10:  # plans are made by then
                late.append(1000 * (time.perf_counter() - began))
                totals.append(page.total)
        cpu = 1000 * (_spent(server) - spent) / (times + 10)
        say(title, late, f"{cpu:6.1f} ms CPU, total {sorted(totals)[len(totals) // 2]}")
    await db.close()


def _spent(server: int | None) -> float:
    """Seconds of CPU so far."""
    servers = psutil.Process(server).children() if server else []
    return sum(sum(it.cpu_times()[:2]) for it in (psutil.Process(), *servers))


async def registered(url: str, seconds: float, server: int) -> tuple[float, float]:
    """Tickets a second by 64 who register at the same time, and ms of CPU for each, the server's too."""
    db = await Database.open(url, "ticket", SystemClock(), RandomIds())
    tickets, named, until, done = SqlTickets(db), rows(10**9), time.perf_counter() + seconds, 0

    async def one() -> None:
        nonlocal done
        while time.perf_counter() < until:
            company, price, name, *_ = next(named)
            order = Register(company_id=company, price=price, name=name, starts=TODAY, ends=TODAY + DAY)
            await tickets.add(order.decide, Cause(id=f"{done}", correlation_id="bench"))
            done += 1

    began, spent = time.perf_counter(), _spent(server)
    await asyncio.gather(*(one() for _ in range(64)))
    took, spent = time.perf_counter() - began, _spent(server) - spent
    await db.close()
    return done / took, 1000 * spent / done


async def on_postgres(server: Postgres, number: int, times: int, seconds: float) -> None:
    url = f"{server.url.rpartition('/')[0]}/tickets"
    connection = await asyncpg.connect(server.url)
    await connection.execute("CREATE DATABASE tickets")
    await connection.close()
    await asyncio.to_thread(migrate, url, "ticket")
    connection = await asyncpg.connect(url)
    await _filled(connection, number)
    await asked(url, times, server.pid)
    for title, before in (("all indexes", None), ("without names' pieces", "DROP INDEX tickets_pieces")):
        if before:
            await connection.execute(before)
        rate, cpu = await registered(url, seconds, server.pid)
        print(f"registered, {title}: {rate:.0f} tickets/s, {cpu:.2f} ms CPU each", flush=True)
    await connection.close()


async def _filled(connection: Any, number: int) -> None:
    """The indexes are built afterwards, as a migration does of a store that is in use."""
    indexes = await connection.fetch(_INDEXES)
    for name, _ in indexes:
        await connection.execute(f"DROP INDEX {name}")
    await connection.copy_records_to_table("tickets", records=rows(number), columns=COLUMNS)
    for name, made in indexes:
        began = time.perf_counter()
        await connection.execute(made.replace("CREATE INDEX", "CREATE INDEX CONCURRENTLY"))
        size = await connection.fetchval("SELECT pg_relation_size($1::text::regclass)", name)
        print(f"{name:24} {size / 2**20:6.0f} MiB, built in {time.perf_counter() - began:.0f} s", flush=True)
    await connection.execute("VACUUM (ANALYZE) tickets")  # as autovacuum does within a minute


async def on_sqlite(number: int, times: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ticket.sqlite")
        await asyncio.to_thread(migrate, f"sqlite:///{path}", "ticket")
        with sqlite3.connect(path) as file:
            places = ", ".join("?" * len(COLUMNS))
            file.executemany(f"INSERT INTO tickets ({', '.join(COLUMNS)}) VALUES ({places})", rows(number))
            file.execute("ANALYZE")
        file.close()
        await asked(f"sqlite:///{path}", times)


_INDEXES: Final = (
    "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'tickets' AND indexname <> 'tickets_pkey'"
)


def say(title: str, late: Sequence[float], more: str) -> None:
    ordered = sorted(late)
    p50, p99 = (ordered[int(len(ordered) * share)] for share in (0.50, 0.99))
    print(f"{title:32} p50 {p50:7.1f} ms, p99 {p99:7.1f} ms, {more}", flush=True)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--tickets", type=int, default=1_000_000)
    options.add_argument("--times", type=int, default=200, help="each question is asked (200)")
    options.add_argument("--seconds", type=float, default=10.0, help="of registering (10)")
    options.add_argument("--sqlite", action="store_true", help="on SQLite instead")
    given = options.parse_args()
    if given.sqlite:
        uvloop.run(on_sqlite(given.tickets, given.times))
    else:
        with Postgres() as postgres:
            uvloop.run(on_postgres(postgres, given.tickets, given.times, given.seconds))
