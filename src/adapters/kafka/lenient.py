"""Reading records whose header names are not UTF-8: kafka-python 3.0.12 fails on one at every poll, for ever."""

from __future__ import annotations

from typing import Any

from kafka.record import memory_records
from kafka.record.default_records import DefaultRecordBatch
from kafka.record.util import decode_varint


class LenientBatch(DefaultRecordBatch):  # type: ignore[misc]
    """What is no UTF-8 in the name of a header is read as question marks."""

    __slots__ = ()

    def _read_msg(self, *args: Any) -> Any:
        while True:
            try:
                return super()._read_msg(*args)
            except UnicodeDecodeError as error:
                self._blank(error)

    def _blank(self, error: UnicodeDecodeError) -> None:
        """From the record's end, as the headers are there. Each call blanks some bytes, so that it comes to an end."""
        length, start = decode_varint(self._buffer, self._pos)
        at = self._buffer.rindex(error.object, start, start + length)
        self._buffer[at + error.start : at + error.end] = b"?" * (error.end - error.start)


def install() -> None:
    """From now on in this process. There is no setting for it."""
    memory_records.DefaultRecordBatch = LenientBatch
