"""Requests that nobody means well, by chance from a seed, the same for the same seed: none may be carried out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any, Final, TypeAlias

ROOM: Final = 60_000
"""Bytes of a body, nearly all that the door lets in."""
Sent: TypeAlias = tuple[str, bytes]
_NODE: Final = "... on BookingConnection { nodes { id } }"


def abuses(seed: int, number: int) -> Iterator[Sent]:
    """(which sort, body), each sort first once and then by chance."""
    chance = Random(seed)
    for at in range(number):
        name = list(SORTS)[at] if at < len(SORTS) else chance.choice(list(SORTS))
        yield name, SORTS[name](chance)


def _sent(query: Any, **more: Any) -> bytes:
    return json.dumps({"query": query, **more}).encode()


def _deep(chance: Random) -> bytes:
    levels, field = chance.randrange(30, 8_000), chance.choice(("nodes", "ticket", "a: node", "... on Booking"))
    return _sent("{ bookings " + f"{{ {field} " * levels + "{ id }" + "}" * levels + " }")


def _deep_values(chance: Random) -> bytes:
    levels, (begin, end) = chance.randrange(40, 20_000), chance.choice((("[", "]"), ("{a: ", "}")))
    return _sent(f"{{ tickets(where: {begin * levels}1{end * levels}) {{ __typename }} }}")


def _aliases(chance: Random) -> bytes:
    return _sent("{" + " ".join(f"a{n}: bookings {{ {_NODE} }}" for n in range(chance.randrange(120, 1_200))) + "}")


def _commands(chance: Random) -> bytes:
    many = chance.randrange(6, 300)
    return _sent(
        "mutation {" + " ".join(f"a{n}: cancelBooking(id: {n + 1}) {{ __typename }}" for n in range(many)) + "}"
    )


def _alike(chance: Random) -> bytes:
    what = chance.choice(
        ("bookings { __typename }", "__typename", "... { __typename }", "booking(id: 1) { __typename }")
    )
    return _sent("{" + f"{what} " * chance.randrange(25, 2_000) + "}")


def _alike_in_fragments(chance: Random) -> bytes:
    """No selection has many, and all of them are beside each other."""
    named, what = chance.random() < 0.5, chance.choice(("__typename ", "booking(id: 1) { __typename } "))
    parts = [what * chance.randrange(3, 20) for _ in range(chance.randrange(8, 20))]
    if not named:
        return _sent("{" + " ".join(f"... on Query {{ {part} }}" for part in parts) + "}")
    fragments = (f"fragment f{n} on Query {{ {part} }}" for n, part in enumerate(parts))
    return _sent("{" + " ".join(f"...f{n}" for n in range(len(parts))) + "}" + " ".join(fragments))


def _alike_below(chance: Random) -> bytes:
    """Few beside each other, in each of them few: comparing takes the square of what they come to together."""
    above, below = chance.randrange(8, 13), chance.randrange(8, 17)
    if chance.random() < 0.5:
        nodes = "nodes { id } " * below
        return _sent("{" + f"tickets(first: 1) {{ ... on TicketConnection {{ {nodes} }} }} " * above + "}")
    return _sent('{ __type(name: "Ticket") {' + f"fields {{ {'type { name } ' * below} }} " * above + "} }")


def _endless_text(chance: Random) -> bytes:
    """Whoever looks for its end looks through all that is left, from each quote."""
    return _sent('"' + '\\"' * chance.randrange(2_000, 16_000) + "a" * chance.randrange(100))


def _fragment_bomb(chance: Random) -> bytes:
    """Each says the next one twice or more: exponential for who walks it each time."""
    many, times = chance.randrange(12, 60), chance.randrange(2, 6)
    chain = [f"fragment f{n} on Query {{ {f'...f{n + 1} ' * times} }}" for n in range(many)]
    last = f"fragment f{many} on Query {{ bookings {{ __typename }} }}"
    return _sent(" ".join(["{ ...f0 }", *chain, last]))


def _nested_bomb(chance: Random) -> bytes:
    """The same through fields, so that every level multiplies."""
    many = chance.randrange(5, 19)
    chain = [
        f"fragment f{n} on BookingConnection {{ {' '.join(f'a{k}: nodes {{ ...g{n} }}' for k in range(4))} }}"
        f" fragment g{n} on Booking {{ ticket {{ id }} ...h{n} }} fragment h{n} on Booking {{ id ...g{n + 1} }}"
        for n in range(many)
    ]
    return _sent(" ".join(["{ bookings { ...f0 } }", *chain, f"fragment g{many} on Booking {{ id }}"]))


def _cycle(chance: Random) -> bytes:
    many = chance.randrange(1, 40)
    ring = [f"fragment f{n} on Query {{ ...f{(n + 1) % many} }}" for n in range(many)]
    begin = chance.choice(("{ ...f0 }", "{ __typename }", "{ bookings { ...f0 } }"))
    return _sent(" ".join([begin, *ring]))


def _batch(chance: Random) -> bytes:
    return json.dumps([{"query": "{ __typename }"}] * chance.randrange(0, 1_000)).encode()


def _huge_variables(chance: Random) -> bytes:
    value: Any = chance.choice((
        "x" * ROOM, [{"field": "ID"}] * 3_000, 10**4_000, list(range(9_000)), {"a": [[]] * 9_000}, 1.5, "1", [[[[1]]]],
        {str(n): n for n in range(4_000)},
    ))  # fmt: skip
    kind = chance.choice(("Int", "Long!", "[BookingOrder!]", "String!", "Boolean"))
    query = f"query($it: {kind}) {{ bookings(first: $it) {{ {_NODE} }} }}"
    return _sent(query, variables={"it": value, "other": value})


def _huge_numbers(chance: Random) -> bytes:
    digits = chance.choice(("9" * chance.randrange(17, 50_000), "1e400", "-1", "0.5", '"1"'))
    return _sent(f"{{ booking(id: {digits}) {{ nothing }} }}")


def _big_lists(chance: Random) -> bytes:
    first = chance.randrange(900, 10**9)
    return _sent(f"{{ bookings(first: {first}) {{ {_NODE.replace('id', 'id ticket { id sale { held } }')} }} }}")


def _representations(chance: Random) -> bytes:
    """Many at once, in a variable or written out."""
    many = chance.randrange(500, 1_400)
    if chance.random() < 0.5:
        it = [{"__typename": "Booking", "id": n} for n in range(1, many)]
        return _sent("query($it: [_Any!]!) { _entities(representations: $it) { __typename } }", variables={"it": it})
    return _sent(f"{{ _entities(representations: [{'1 ' * many}]) {{ __typename }} }}")


def _directives(chance: Random) -> bytes:
    name = chance.choice(("skip(if: false)", "include(if: true)", "nothing", "deprecated"))
    return _sent("{ __typename " + f"@{name} " * chance.randrange(2, 1_500) + "}")


def _many_operations(chance: Random) -> bytes:
    return _sent(" ".join(f"query q{n} {{ __typename }}" for n in range(chance.randrange(2, 1_000))))


def _introspection(chance: Random) -> bytes:
    inner = chance.choice(("types { fields { type { fields { name } } } }", "types { name }", "queryType { name }"))
    return _sent(
        chance.choice((f"{{ __schema {{ {inner} }} }}", '{ __type(name: "Booking") { name } }', "{ _service { sdl } }"))
    )


def _comments(chance: Random) -> bytes:
    return _sent("# x\n" * chance.randrange(1_600, 9_000) + "{ nothing }")


def _long_names(chance: Random) -> bytes:
    name = chance.choice("aé€") * chance.randrange(1_000, 15_000)
    return _sent(chance.choice((f"{{ {name} }}", f"query {name} {{ x }}", f'{{ booking(id: "{name}") {{ x }} }}')))


def _noise(chance: Random) -> bytes:
    return _sent("".join(chance.choices('{}()[]:!$@|&="#, \n\\abc123.\ud800\0', k=chance.randrange(1, 5_000))) + "}")


def _not_a_request(chance: Random) -> bytes:
    odd: Any = chance.choice((
        b"", b"\xff\xfe", b"[" * 60_000, b'{"query":' + b"[" * 50_000, b"null", b"1", b'"x"', b"{}", b'{"query": null}',
        b'{"query": 1}', b'{"query": ["{ __typename }"]}', b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "operationName": 1}', b'{"query": "{ __typename }", "extensions": "x"}',
        b'{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "ab"}}}', b'{"query": ""}', b'{"query": "#"}',
        b'{"query": "{ __typename }", "operationName": "other"}',
    ))  # fmt: skip
    return bytes(odd)


SORTS: Final[Mapping[str, Callable[[Random], bytes]]] = {
    make.__name__.lstrip("_"): make
    for make in (
        *(
            _deep,
            _deep_values,
            _aliases,
            _commands,
            _alike,
            _alike_in_fragments,
            _alike_below,
            _endless_text,
            _fragment_bomb,
            _nested_bomb,
            _cycle,
            _batch,
        ),
        *(_huge_variables, _huge_numbers, _big_lists, _representations, _directives, _many_operations),
        *(_introspection, _comments, _long_names, _noise, _not_a_request),
    )
}
