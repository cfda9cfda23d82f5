"""How much of a house one buyer may keep from others without paying."""

from __future__ import annotations

from attrs import frozen

from myticket_core.errors import Rejected


@frozen
class Buyer:
    """A customer who may have at most `most` PENDING bookings at once, of all tickets together."""

    customer_id: int
    most: int

    def another(self, held: int) -> None:
        """Whether one more may be held beside those. Raises Rejected("too_many_holds", limit)."""
        if held >= self.most:
            detail = f"{held} bookings wait for their payment, and at most {self.most} may: pay or cancel one first"
            raise Rejected("too_many_holds", detail, limit=self.most)
