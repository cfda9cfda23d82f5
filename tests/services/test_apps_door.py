"""Development tokens, and no authentication at all, stay on loopback."""

import pytest

from apps.door import NotOutside, check
from apps.failures import CannotRun
from apps.settings import Settings

PROVIDER = {"oidc_issuer": "https://login.example"}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.1.2.3"])
@pytest.mark.parametrize("auth", [True, False])
def test_loopback_is_ones_own(host, auth):
    check(Settings(auth=auth), host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com"])
def test_development_tokens_do_not_leave_the_machine(host):
    with pytest.raises(NotOutside, match="set MYTICKET_OIDC_ISSUER"):
        check(Settings(), host)
    check(Settings(**PROVIDER), host)


@pytest.mark.parametrize("auth", [True, False])
@pytest.mark.parametrize(
    "said",
    [
        {"public_url": "https://tickets.example"},
        {"public_url": "http://10.0.0.1"},
        {"trusted_proxies": ("10.0.0.0/8",)},
    ],
)
def test_nor_do_they_stand_behind_a_proxy(auth, said):
    with pytest.raises(NotOutside, match="says that others ask too"):
        check(Settings(auth=auth, **said), "127.0.0.1")
    check(Settings(auth=auth, trusted_mesh=True, **said, **PROVIDER), "127.0.0.1")


def test_ones_own_machine_may_have_a_name_of_its_own():
    check(Settings(public_url="http://localhost:8088"), "127.0.0.1")


def test_nobody_is_let_in_unasked_but_by_a_trusted_mesh():
    with pytest.raises(NotOutside, match="MYTICKET_TRUSTED_MESH=1"):
        check(Settings(auth=False, **PROVIDER), "0.0.0.0")
    check(Settings(auth=False, trusted_mesh=True), "0.0.0.0")


@pytest.mark.parametrize("name", ["oidc_issuer", "oidc_jwks_url", "oidc_token_url"])
def test_a_provider_is_asked_over_no_line_that_can_be_listened_to(name):
    for url in ("http://127.0.0.1:8080/realm", "http://[::1]:8080", "http://localhost:8080", "https://login.example"):
        check(Settings(**PROVIDER | {name: url}), "0.0.0.0")
    for url in ("http://login.example", "http://10.0.0.1:8080", "http://localhost.example"):
        with pytest.raises(CannotRun, match=f"{name.upper()} is {url}"):
            check(Settings(**PROVIDER | {name: url}), "127.0.0.1")
        check(Settings(trusted_mesh=True, **PROVIDER | {name: url}), "0.0.0.0")
