"""Settings that contradict each other, or what is run with them, stop the start before anything is made."""

import asyncio

import pytest

from adapters.notify.vapid import new_key
from apps import asgi, fitting
from apps.environment import load
from apps.failures import CannotRun
from apps.places import SERVICES
from tests.services.test_apps_up import refused

NOBODY = "postgresql://nobody@127.0.0.1:1/x"
UNHEARD = r"is set, and KAFKA_BOOTSTRAP_SERVERS is not"


def alone(service, **environ):
    fitting.check(load(environ), [service], service)


def together(**environ):
    fitting.check(load(environ), SERVICES)


@pytest.mark.parametrize(
    "service, name, url",
    [
        ("ticket", "DATABASE_URL", NOBODY),
        ("pay", "MYTICKET_PAY_DATABASE_URL", NOBODY),
        ("book", "PAY_DATABASE_URL", NOBODY),
        ("mypage", "MONGODB_URL", "mongodb://127.0.0.1:1/x"),
    ],
)
def test_who_keeps_its_store_on_a_server_shares_a_log_on_one(service, name, url):
    with pytest.raises(CannotRun, match=rf"^{name} {UNHEARD}: what {service} says would go into .*log\.sqlite"):
        alone(service, **{name: url})
    alone(service, **{name: url, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"})


def test_who_keeps_its_store_in_a_file_shares_the_log_of_its_folder():
    alone("ticket")
    alone("ticket", DATABASE_URL="sqlite:////elsewhere.sqlite")
    alone("book", TICKET_DATABASE_URL=NOBODY)  # which it only reads


def test_all_in_one_process_hear_each_other_wherever_their_stores_are():
    together(TICKET_DATABASE_URL=NOBODY, MONGODB_URL="mongodb://127.0.0.1:1/x")


@pytest.mark.parametrize("run", [together, lambda **environ: alone("ticket", **environ)], ids=["all", "one"])
@pytest.mark.parametrize(
    "name, value",
    [
        ("KAFKA_SECURITY_PROTOCOL", "SSL"),
        ("KAFKA_SASL_MECHANISM", "PLAIN"),
        ("KAFKA_SASL_USERNAME", "book"),
        ("KAFKA_SASL_PASSWORD", "hush"),
    ],
)
def test_nobody_believes_that_a_kafka_is_secured_that_is_not_named(run, name, value):
    with pytest.raises(CannotRun, match=rf"^{name} {UNHEARD}: name the brokers there, or leave {name} out$"):
        run(**{name: value})


OIDC = {"OIDC_ISSUER": "https://login.example", "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
PAGES = {"API_URL_TICKET": "http://ticket", "API_URL_BOOK": "http://book"}


def test_what_only_some_operations_are_to_be_is_said_which():
    with pytest.raises(CannotRun, match=r"^GRAPHQL_ONLY_OPERATIONS is on: GRAPHQL_OPERATIONS has to be set too"):
        alone("ticket", GRAPHQL_ONLY_OPERATIONS="on")
    alone("ticket", GRAPHQL_ONLY_OPERATIONS="on", GRAPHQL_OPERATIONS=__file__)
    alone("ticket", GRAPHQL_ONLY_OPERATIONS="on", MYTICKET_GRAPHQL="off")


@pytest.mark.parametrize(
    "given, missing", [("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"), ("OIDC_CLIENT_SECRET", "OIDC_CLIENT_ID")]
)
def test_who_signs_in_to_the_pages_does_with_both(given, missing):
    for run in (together, lambda **environ: alone("mypage", **environ, **PAGES)):
        with pytest.raises(CannotRun, match=f"^{given} is set, and {missing} is not: people sign in to the pages"):
            run(**OIDC, **{given: "x"})
        run(**OIDC, **{given: "x" * 32, missing: "x" * 32})


@pytest.mark.parametrize("pages", [together, lambda **environ: alone("mypage", **environ, **PAGES)])
def test_seals_do_not_rest_on_a_client_secret_that_can_be_guessed(pages):
    client = {**OIDC, "OIDC_CLIENT_ID": "x", "OIDC_CLIENT_SECRET": "x" * 31}
    with pytest.raises(
        CannotRun, match=r"^PAGES_SECRET has to be set, to 32 .* rest on OIDC_CLIENT_SECRET, which is shorter"
    ):
        pages(**client)
    pages(**client, PAGES_SECRET="y" * 32, PAGES_SECRET_BEFORE="x" * 31)
    pages(**client, MYTICKET_AUTH="off")
    for service in SERVICES:
        alone(service, **client)


CLIENT = {**OIDC, "OIDC_CLIENT_ID": "x", "OIDC_CLIENT_SECRET": "x" * 32}


@pytest.mark.parametrize("said", [{}, CLIENT])
@pytest.mark.parametrize("pages", [together, lambda **environ: alone("mypage", **environ, **PAGES)])
def test_where_pages_are_served_nothing_stands_before_their_path(pages, said):
    with pytest.raises(CannotRun, match=r"^PUBLIC_URL is https://localhost:8/shop: .* let it be https://localhost:8, "):
        pages(**said, PUBLIC_URL="https://localhost:8/shop/")
    pages(**said, PUBLIC_URL="https://localhost:8/")
    pages(**said, PUBLIC_URL="https://localhost:8/shop", MYTICKET_AUTH="off")
    for service in SERVICES:
        alone(service, **said, PUBLIC_URL="https://localhost:8/shop")


@pytest.mark.parametrize("pages", [together, lambda **environ: alone("mypage", **environ, **PAGES)])
def test_who_signs_in_at_a_provider_comes_to_the_pages_by_tls(pages):
    for mesh in ("off", "on"):
        with pytest.raises(CannotRun, match=r"^PUBLIC_URL is http://tickets\.example: over http browsers keep no"):
            pages(**CLIENT, PUBLIC_URL="http://tickets.example", MYTICKET_TRUSTED_MESH=mesh)
    for good in ("https://tickets.example", "http://localhost:8088"):
        pages(**CLIENT, PUBLIC_URL=good)
    for service in SERVICES:
        alone(service, **CLIENT, PUBLIC_URL="http://tickets.example")


def test_where_nobody_signs_in_the_client_may_be_named_all_the_same():
    """One ConfigMap for all, and a secret for who needs it."""
    for service in SERVICES:
        alone(service, **OIDC, OIDC_CLIENT_ID="x")


@pytest.mark.parametrize("name, of", [("STRIPE_API_KEY", ("pay", "book")), ("VAPID_SUBJECT", ("alarm",))])
def test_what_is_missing_is_told_before_a_store_is_migrated(name, of):
    told = {"PAYMENT_PROVIDER": "stripe"} if name == "STRIPE_API_KEY" else {"VAPID_KEY": new_key()}
    for service in SERVICES:
        if service in of:
            with pytest.raises(CannotRun, match=f"{name}.* has to be set too"):
                alone(service, **told)
        else:
            alone(service, **told)
    with pytest.raises(CannotRun, match=name):
        together(**told)


async def test_it_is_told_before_anything_is_made(tmp_path):
    told = {"DATABASE_URL": NOBODY, "MYTICKET_AUTH": "off"}
    said, code = await refused("serve", "ticket", "--data", str(tmp_path / "data"), "--port", "0", **told)
    assert said.startswith("myticket: DATABASE_URL is set, and KAFKA_BOOTSTRAP_SERVERS is not")
    assert (code, list(tmp_path.iterdir())) == (1, [])


async def test_it_is_told_in_a_server_of_somebody_elses(tmp_path):
    settings = load({"DATABASE_URL": NOBODY, "MYTICKET_DATA": str(tmp_path / "data")})
    sent = []

    async def receive():
        return {"type": "lifespan.startup"}

    async def send(message):
        sent.append(message)

    with pytest.raises(CannotRun, match=UNHEARD):
        async with asyncio.timeout(20):
            await asgi.Application("ticket", settings)({"type": "lifespan"}, receive, send)
    assert [message["type"] for message in sent] == ["lifespan.startup.failed"]
    assert not (tmp_path / "data").exists()
