"""Guards as they can be taken away from one process of crash_main, to see that somebody notices."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, insert


def no_inbox() -> None:
    """What has been heard before is done again; nor is (event, recipient, channel) unique any more."""
    from adapters.persistence import notifications
    from adapters.persistence.draft import Draft
    from adapters.persistence.group import Group

    remember = Group._remember

    def forgetting(self: Group, draft: Draft) -> None:
        if draft.cause is None or draft.cause.consumer is None:
            remember(self, draft)

    Draft.repeated = property(lambda self: False)  # type: ignore[assignment, method-assign]
    Group._remember = forgetting  # type: ignore[method-assign]
    names = notifications.KIND.names
    notifications._QUEUE = insert(notifications.NOTIFICATIONS).values({name: bindparam(name) for name in names})


def no_leader() -> None:
    """Every relay publishes."""
    from adapters.persistence.postgres.leading import PgLeader

    leads = PgLeader.leads

    async def always(self: PgLeader) -> bool:
        await leads(self)
        return True

    PgLeader.leads = always  # type: ignore[method-assign]


def no_tombstone() -> None:
    """A cancel of what pay has never heard of is forgotten."""
    from myticket_core.access import EVERYTHING
    from myticket_core.errors import NotFound
    from myticket_core.payment.cancel import PaymentCanceler

    told = PaymentCanceler.__call__

    async def only_if_known(self: Any, order: Any, cause: Any) -> Any:
        try:
            await self.payments.of_booking(order.booking_id, EVERYTHING)
        except NotFound:
            return None
        return await told(self, order, cause)

    PaymentCanceler.__call__ = only_if_known  # type: ignore[method-assign]


def no_version_guard() -> None:
    """Whatever my page hears last is right."""
    from myticket_core.mypage.model import News

    News.newer = lambda self, seen: True  # type: ignore[method-assign, misc]
