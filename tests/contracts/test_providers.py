"""The real services keep what their consumers were promised."""

from collections.abc import Iterator

import pytest

from apps.places import SERVICES
from tests.contracts.provider import Provider
from tests.contracts.verifying import verified
from tests.contracts.written import FOLDER

PACTS = {name: sorted((FOLDER / "pacts").rglob(f"*-{name}.json")) for name in SERVICES}


@pytest.fixture(scope="module", params=[name for name, pacts in PACTS.items() if pacts])
def provider(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    running = Provider(request.param, tmp_path_factory.mktemp(request.param))
    running.start()
    yield running
    running.stop()


def test_what_was_promised_is_kept(provider: Provider) -> None:
    assert verified(provider, *PACTS[provider.name]) == []
