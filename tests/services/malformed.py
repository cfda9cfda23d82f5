"""Records that no service of ours would write, by chance from a seed: the same for the same seed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

from attrs import frozen

Headers = list[tuple[str, bytes | None]]

TYPES: Final = (
    *("TicketRegistered", "TicketChanged", "TicketDeleted", "Booked", "BookCanceled", "PaymentApproved"),
    *("PaymentCanceled", "SoldOut", "BackOnSale", "PaymentDue", "WaitingEnded"),
)
MEMBERS: Final = (
    *("ticketId", "bookId", "paymentId", "companyId", "customerId", "price", "capacity", "startDate", "endDate"),
    *("status", "name", "reason", "timestamp"),
)
FIRST: Final = 10**9
"""The ids in them are this or more, so that they keep apart from what is meant well."""


@frozen
class Raw:
    """One record as it is sent. `about`: which sort of trouble it is."""

    about: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp: int


def malformed(seed: int, number: int, largest: int = 100_000) -> Iterator[Raw]:
    """`largest`: the most bytes of a value; most are small."""
    chance = Random(seed)
    for _ in range(number):
        about, make = chance.choice(_SORTS)
        value = make(chance, largest)
        yield Raw(about, _key(chance), value, _headers(chance), chance.choice(_TIMES))


def _well_formed(chance: Random) -> dict[str, Any]:
    members = {name: _fitting(chance, name) for name in chance.sample(MEMBERS, chance.randrange(len(MEMBERS)))}
    return {"eventType": chance.choice(TYPES), "id": FIRST + chance.randrange(2**40), **members}


def _fitting(chance: Random, name: str) -> Any:
    if name in ("status", "name", "reason", "timestamp"):
        return chance.choice(("BOOKED", "CANCELED", "Booked", "콘서트", "", "20261122160900"))
    return FIRST + chance.randrange(10**6)


def _odd(chance: Random, depth: int = 0) -> Any:
    """Any value of JSON, with a liking for limits."""
    plain = (
        *(None, True, False, 0, -1, FIRST, 2**53, 2**63 - 1, 2**63, -(2**63), 2**200, 1.5, -0.0, 1e308, float("nan")),
        *(float("inf"), "", " ", str(FIRST), "-1", "１", "1.0", "\0", "a\0b", "\ud800", "\U0001f600", "null"),
        *("2012-04-23T18:25:43.511+0000", "9999-12-31T23:59:59.999999+23:59", "0001-01-01", "x" * 5000),
    )
    kind = chance.random()
    if kind < 0.8 or depth > 3:
        return chance.choice(plain)
    if kind < 0.9:
        return [_odd(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {str(chance.choice(plain)): _odd(chance, depth + 1) for _ in range(chance.randrange(4))}


def _json(value: Any, chance: Random) -> bytes:
    return json.dumps(value, ensure_ascii=chance.random() < 0.8).encode("utf-8", "surrogatepass")


def _noise(chance: Random, _: int) -> bytes:
    return chance.randbytes(chance.randrange(300))


def _cut(chance: Random, _: int) -> bytes:
    whole = _json(_well_formed(chance), chance)
    return whole[: chance.randrange(len(whole))]


def _flipped(chance: Random, _: int) -> bytes:
    whole = bytearray(_json(_well_formed(chance), chance))
    for _ in range(chance.randrange(1, 5)):
        whole[chance.randrange(len(whole))] = chance.randrange(256)
    return bytes(whole)


def _no_object(chance: Random, _: int) -> bytes:
    return _json(_odd(chance), chance)


def _wrong_types(chance: Random, _: int) -> bytes:
    members = _well_formed(chance)
    for name in chance.sample([*MEMBERS, "id", "eventType"], chance.randrange(1, 6)):
        members[name] = _odd(chance)
    return _json(members, chance)


def _missing(chance: Random, _: int) -> bytes:
    members = _well_formed(chance)
    del members[chance.choice(("id", "eventType"))]
    return _json(members, chance)


def _unknown(chance: Random, _: int) -> bytes:
    kind = chance.choice(("Refunded", "booked", "BOOKED", "", " Booked", "Booked\0", "예매", "x" * 1000, "__class__"))
    return _json({**_well_formed(chance), "eventType": kind}, chance)


def _huge(chance: Random, largest: int) -> bytes:
    """Few, as each costs what a thousand others do."""
    if chance.random() < 0.98:
        return _json({**_well_formed(chance), "name": "x" * chance.randrange(10_000)}, chance)
    return _json({**_well_formed(chance), "name": "예" * (largest // 4)}, chance)


def _deep(chance: Random, largest: int) -> bytes:
    depth = chance.choice((100, 900, 960, 980, 990, 1000, 5000, largest // 4))
    opening, closing = chance.choice((("[", "]"), ('{"a":', "}")))
    nested = opening * depth + "1" + closing * depth
    where = chance.choice(("name", "id", "eventType", "extra"))
    rest = json.dumps({name: value for name, value in _well_formed(chance).items() if name != where})[1:-1]
    return f'{{"{where}":{nested},{rest}}}'.encode()


def _numbers(chance: Random, _: int) -> bytes:
    digits = chance.choice(("9" * 5000, "1e400", "-1e400", "1" * 4299, "0.1e-400", "00", "1_0", "0x10", "NaN", "1.0"))
    return f'{{"eventType":"{chance.choice(TYPES)}","id":{digits},"price":{digits}}}'.encode()


def _twice(chance: Random, _: int) -> bytes:
    return f'{{"eventType":"{chance.choice(TYPES)}","id":{FIRST},"id":"x","eventType":5}}'.encode()


def _nothing(chance: Random, _: int) -> None:
    return None


_SORTS: Final[tuple[tuple[str, Callable[[Random, int], bytes | None]], ...]] = (
    ("noise", _noise),
    ("cut off", _cut),
    ("flipped bytes", _flipped),
    ("no object", _no_object),
    ("wrong types", _wrong_types),
    ("wrong types", _wrong_types),
    ("missing members", _missing),
    ("unknown eventType", _unknown),
    ("huge", _huge),
    ("deep", _deep),
    ("numbers", _numbers),
    ("said twice", _twice),
    ("null value", _nothing),
)

_KEYS: Final = (b"", b"\0", b"\xff\xfe", b"a\0b", b"k" * 5000, "키".encode(), b"\xed\xa0\x80")
_TIMES: Final = (-(2**63), -1, 0, 1, 1_795_000_000_000, 253_402_300_800_000, 2**63 - 1)
_NAMES: Final = (
    *("ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "ce_correlationid", "ce_causationid"),
    *("ce_aggregateversion", "contentType", "content-type", "spring_json_header_types", "traceparent"),
)
_NAMES_OF_NOBODY: Final = ("", "$where", "a.b", "\0", "n" * 5000, "이름")


def _key(chance: Random) -> bytes | None:
    """Often none, as the originals; else mostly one of its own, so that few wait behind another."""
    kind = chance.random()
    if kind < 0.4:
        return None
    return chance.choice(_KEYS) + chance.randbytes(8) if kind < 0.6 else f"malformed {chance.random()}".encode()


def _headers(chance: Random) -> Headers:
    if chance.random() < 0.3:
        return []
    names = chance.sample(_NAMES, chance.randrange(6)) + chance.sample(_NAMES_OF_NOBODY, chance.randrange(3))
    return [(name, _header(chance, name)) for name in names]


def _header(chance: Random, name: str) -> bytes | None:
    if name == "ce_type" and chance.random() < 0.7:
        return chance.choice(TYPES).encode()
    if name == "ce_id":
        return chance.choice((b"", b"\0", b"\xff", b"i\0d")) + chance.randbytes(chance.choice((8, 16, 300, 6000)))
    return chance.choice(
        (
            None,
            b"",
            b"\0",
            b"\xff\xfe",
            b"-1",
            str(FIRST).encode(),
            b"9" * 30,
            b"h" * 5000,
            b"2026-11-22T16:09:00Z",
            b"\xed\xa0\x80",
        )
    )
