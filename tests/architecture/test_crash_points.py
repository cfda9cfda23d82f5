"""Where processes are killed is named by what is there: said in seconds, not by the long test that kills them."""

import pytest

from tests.e2e.crash_main import found
from tests.e2e.crash_points import POINTS


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.name)
def test_every_crash_point_is_there(point):
    owner, method = found(point)
    assert callable(getattr(owner, method))
