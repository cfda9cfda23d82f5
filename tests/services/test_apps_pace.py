"""The pause between two batches: none when quiet or behind, the longer the more there is to do."""

from __future__ import annotations

import pytest

from apps.pace import FEW, LONGEST, Pace


def test_the_first_event_after_a_quiet_while_is_followed_by_hardly_a_pause():
    pace = Pace(at=0.0)
    assert pace.pause(1, now=60.0) == pytest.approx(0.0, abs=0.001)


@pytest.mark.parametrize("events, pause", [(20, 0.01), (100, 0.05), (1000, LONGEST)])
def test_the_more_events_a_second_the_longer(events: int, pause: float):
    pace = Pace(at=0.0)
    for tick in range(1, 101):
        found = pace.pause(events // 20, now=tick / 20)
    assert found == pytest.approx(pause, rel=0.05)


def test_a_batch_that_is_large_is_followed_by_the_next_at_once():
    pace = Pace(at=0.0)
    assert pace.pause(FEW, now=0.01) == 0.0


def test_nothing_done_is_no_pause():
    """Waiting for work is for who has found none."""
    assert Pace(at=0.0).pause(0, now=0.01) == 0.0
