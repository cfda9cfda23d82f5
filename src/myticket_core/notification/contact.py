"""Where somebody is reached over a channel, and whether they want that."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from attrs import field, frozen

from myticket_core.access import Scope
from myticket_core.errors import Invalid, NotFound
from myticket_core.notification.model import ELSEWHERE, EMAIL

_LABEL: Final = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_LOCAL: Final = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_MAILBOX: Final = re.compile(rf"(?=.{{1,64}}@){_LOCAL}(?:\.{_LOCAL})*@{_LABEL}(?:\.{_LABEL})*", re.ASCII)
LONGEST: Final = 254
"""Characters of a mailbox that SMTP carries (RFC 5321)."""


def mailbox(address: str) -> str:
    """local@domain. Raises Invalid. Domains outside ASCII are given as they are registered, as xn--…

    In a mail's head `=?` begins an encoded word (RFC 2047), which may stand for another address, or for several.
    """
    if len(address) > LONGEST or not _MAILBOX.fullmatch(address) or "=?" in address:
        raise Invalid("address", "…", "an e-mail address as someone@mail.example")
    return address


REACHED: Final[Mapping[str, Callable[[str], str]]] = {EMAIL: mailbox}
"""Over which channels somebody can be reached elsewhere, and what an address looks like there."""


def elsewhere(channel: str) -> str:
    """The channel itself. Raises NotFound: it is none of ELSEWHERE, and nobody has a contact over it."""
    if channel not in ELSEWHERE:
        raise NotFound("channel", channel)
    return channel


@frozen
class Pending:
    """What is still to be shown: that its recipient reads what comes there, by the `code` in a mail, `until` then."""

    code: str = field(repr=False)
    until: datetime


@frozen(kw_only=True)
class Contact:
    """`recipient` is one customer or one company. The address is nobody else's business: it is not in the repr.

    `place` tells those apart of whom there are several over one channel. While something is `pending` nothing is sent
    there but that code.
    """

    recipient: Scope
    channel: str
    address: str = field(repr=False)
    wanted: bool = True
    place: str = ""
    pending: Pending | None = None

    @property
    def confirmed(self) -> bool:
        return self.pending is None

    @property
    def reached(self) -> bool:
        """Whether messages go there."""
        return self.wanted and self.confirmed
