"""What a reader may commit and where it would begin again, for as long as its partitions are its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from myticket_core.ports import Record


class Tenure:
    """Per partition where reading begins again: what is committed, or what came first since it was assigned."""

    def __init__(self) -> None:
        self.begins: dict[int, int] = {}

    def fetched(self, records: Sequence[Record]) -> None:
        for record in records:
            self.begins.setdefault(record.partition, record.position)

    def ends(self, records: Sequence[Record]) -> Mapping[int, int]:
        """What to commit for these, per partition; nothing that steps back or that is somebody else's by now.

        Kafka itself would take either from any member of the group.
        """
        ends: dict[int, int] = {}
        for record in records:
            end = record.position + 1
            if self.begins.get(record.partition, end) < end:
                ends[record.partition] = max(end, ends.get(record.partition, 0))
        return ends

    def committed(self, ends: Mapping[int, int]) -> None:
        self.begins.update(ends)

    def ended(self, partitions: set[int]) -> None:
        """These are not ours any more, or will begin anew."""
        for partition in partitions:
            self.begins.pop(partition, None)
