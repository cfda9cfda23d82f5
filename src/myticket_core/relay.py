"""Outbox → log, in order, marking only what the log has confirmed."""

from __future__ import annotations

from attrs import frozen

from myticket_core.ports import EventPublisher, Outbox


@frozen
class Relay:
    """Publishes at least once: a crash between publishing and marking publishes again, and consumers dedupe.

    Only one relay may run per outbox, or the order of a key is not kept; that is for who composes it to see to.
    """

    outbox: Outbox
    publisher: EventPublisher
    batch: int = 500

    async def __call__(self) -> int:
        """Publish the oldest batch; how many that were. Raises Unavailable: nothing is marked, call again."""
        envelopes = await self.outbox.pending(self.batch)
        if envelopes:
            await self.publisher.publish(envelopes)
            await self.outbox.published([envelope.id for envelope in envelopes])
        return len(envelopes)
