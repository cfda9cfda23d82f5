import gc

import pytest


@pytest.fixture
def swept():
    """What a test has left behind is noticed in that test, not in the one after."""
    yield
    gc.collect()
