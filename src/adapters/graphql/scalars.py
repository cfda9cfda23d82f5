"""Integers up to 2^53 - 1 and moments: what ids, money and dates are on the wire."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NewType, TypeAlias, TypeVar

import strawberry
from graphql import GraphQLError
from graphql.language import IntValueNode, StringValueNode, TokenKind, ValueNode

from myticket_core.values import LARGEST, moment

if TYPE_CHECKING:
    Long: TypeAlias = int
else:
    Long = NewType("Long", int)

Value = TypeVar("Value")
_DIGITS: Final = len(str(-LARGEST))
_DAY: Final = len("2027-01-23")
_TO_ITS_END: Final = timedelta(days=1, milliseconds=-1)


def whole(value: object) -> int:
    """Raises GraphQLError: not an integer that every JSON reader keeps exact."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > LARGEST:
        raise GraphQLError(f"a Long is an integer from -{LARGEST} to {LARGEST}")
    return value


def shown(value: object) -> int:
    """What many amounts come to may be beyond that, and is not withheld. Raises GraphQLError."""
    return value if type(value) is int else whole(value)


def whole_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> int:
    digits = node.value if isinstance(node, IntValueNode) else ""
    return _placed(node, whole, int(digits) if 0 < len(digits) <= _DIGITS else None)


def read(value: object) -> datetime:
    """ISO 8601, without an offset UTC. Raises GraphQLError.

    The `fold` of a day without a time is 1: it says nothing else in UTC, and is compared and written as any moment.
    """
    try:
        if not isinstance(value, str) or not 10 <= len(value) <= 40:
            raise ValueError
        at = datetime.fromisoformat(value)
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        return at.replace(microsecond=at.microsecond // 1000 * 1000, fold=int(len(value) == _DAY))
    except (ValueError, OverflowError):
        raise GraphQLError("a DateTime is like 2027-01-23T18:25:43.511Z, in the years 1 to 9999") from None


def to_its_end(at: datetime | None) -> datetime | None:
    """Of a day without a time its last millisecond, as REST reads where a period ends."""
    return at + _TO_ITS_END if at and at.fold else at


def read_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> datetime:
    return _placed(node, read, node.value if isinstance(node, StringValueNode) else None)


def _placed(node: ValueNode, reading: Callable[[object], Value], said: object) -> Value:
    """Raises GraphQLError: with the place in the document, and the name of the argument or member."""
    try:
        return reading(said)
    except GraphQLError as error:
        raise GraphQLError(f"{_name(node)}{error.message}", node) from None


def _name(node: ValueNode) -> str:
    """What stands before the value, and a colon; nothing for a default and in a list."""
    before = node.loc.start_token.prev if node.loc else None
    named = before is not None and before.kind is TokenKind.COLON and before.prev
    return f"{named.value}: " if named else ""


def written(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")[:-6] + "Z"


def of_millis(millis: int | None) -> datetime | None:
    """Events come from others too: what no calendar has is left out."""
    try:
        return moment(millis)
    except OverflowError:
        return None


SCALARS: Final[dict[Any, Any]] = {
    Long: strawberry.scalar(
        name="Long",
        description="An integer up to 2^53 - 1: ids, money in the smallest unit of the currency; only sums are larger",
        serialize=shown,
        parse_value=whole,
        parse_literal=whole_literal,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="ISO 8601; UTC with milliseconds on the way out, any offset (none: UTC) on the way in",
        serialize=written,
        parse_value=read,
        parse_literal=read_literal,
    ),
}
