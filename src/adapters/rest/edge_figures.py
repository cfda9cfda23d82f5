"""What an edge shows at /metrics: its circuit, its places, and what came of the questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from adapters.rest.breaker import State
from adapters.rest.edge import Edge


@frozen(eq=False)
class EdgeFigures:
    """A collector of Prometheus: read when somebody asks."""

    edges: Sequence[Edge]

    def collect(self) -> Iterator[Metric]:
        state = GaugeMetricFamily("myticket_circuit_state", "1: the circuit is so now", labels=("edge", "state"))
        changes = CounterMetricFamily("myticket_circuit_changes", "Times it became so", labels=("edge", "state"))
        questions = CounterMetricFamily("myticket_edge_questions", "By what came of them", labels=("edge", "outcome"))
        places = GaugeMetricFamily("myticket_edge_places", "Questions that may be under way", labels=("edge",))
        inside = GaugeMetricFamily("myticket_edge_inside", "Questions that are under way", labels=("edge",))
        for edge in self.edges:
            for is_ in State:
                state.add_metric((edge.name, is_), float(edge.breaker.state is is_))
                changes.add_metric((edge.name, is_), edge.changes[is_])
            for outcome, count in edge.counts.items():
                questions.add_metric((edge.name, outcome), count)
            places.add_metric((edge.name,), edge.places.places)
            inside.add_metric((edge.name,), edge.places.inside)
        yield from (state, changes, questions, places, inside)
