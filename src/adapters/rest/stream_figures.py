"""What streams show at /metrics: how many are open."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen
from prometheus_client.core import GaugeMetricFamily, Metric

from adapters.rest.streams import Streams


@frozen(eq=False)
class StreamFigures:
    """A collector of Prometheus: read when somebody asks."""

    streams: Streams

    def collect(self) -> Iterator[Metric]:
        about = "Streams of pages that are open in this process, by whose pages they are"
        figure = GaugeMetricFamily("myticket_streams", about, labels=("whose",))
        for whose in ("customer", "company"):
            figure.add_metric((whose,), self.streams.number(whose))
        yield figure
