"""Settings are read once; wrong ones are told all at once, with what is allowed, and no secret is shown."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from babel.core import get_global
from babel.numbers import get_territory_currencies
from structlog.testing import capture_logs

from adapters.memory import MemoryContacts, MemoryDatabase
from adapters.notify.vapid import Vapid, new_key
from adapters.providers.currencies import ROUNDED, THREE, WHOLE
from adapters.system import RandomIds, SystemClock
from apps.environment import Given, WrongSettings, load, shown
from apps.failures import CannotRun
from apps.iso_4217 import CODES
from apps.misnamed import misnamed, warn
from apps.reaching import reach
from apps.settings import Settings


def test_what_nobody_set_has_its_default():
    settings = load({})
    assert settings == Settings()
    assert settings.port == 8088
    assert settings.hold_seconds == timedelta(seconds=600)
    assert {source for _, _, source in shown(settings)} == {"default"}


def test_the_prefixed_name_wins_over_the_plain_one():
    settings = load({"PORT": "1", "MYTICKET_PORT": "2"})
    assert settings.port == 2
    assert settings.sources["port"] == "MYTICKET_PORT"


def test_the_command_line_wins_over_the_environment():
    settings = load({"MYTICKET_PORT": "2"}, {"port": Given("--port", "3"), "data": None})
    assert (settings.port, settings.sources["port"]) == (3, "--port")


def test_the_originals_name_is_read_too():
    assert load({"notification.prefix": "Hi"}).notification_prefix == "Hi"
    assert load({"notification.prefix": "Hi", "NOTIFICATION_PREFIX": "Hallo"}).notification_prefix == "Hallo"


def test_an_issuer_is_named_as_it_stands_in_its_tokens():
    assert load({"OIDC_ISSUER": "https://login.example/"}).oidc_issuer == "https://login.example/"
    assert load({"MYTICKET_PUBLIC_URL": "https://tickets.example/"}).public_url == "https://tickets.example"


def test_an_empty_variable_is_not_set():
    assert load({"MYTICKET_PORT": "", "PORT": "9"}).port == 9


def test_a_secret_may_stand_in_a_file(tmp_path):
    file = tmp_path / "url"
    file.write_text("sqlite:////data/book.sqlite\n")
    settings = load({"DATABASE_URL_FILE": str(file)})
    assert settings.database_url == "sqlite:////data/book.sqlite"
    assert settings.sources["database_url"] == "DATABASE_URL_FILE"


@pytest.mark.parametrize("name", ["STRIPE_API_KEY", "DATABASE_URL"])
def test_a_file_with_nothing_in_it_is_named(tmp_path, name):
    (tmp_path / "key").write_text("\n")
    with pytest.raises(WrongSettings, match=rf"{name}_FILE is '.*/key'; allowed: a text file that is not empty"):
        load({f"{name}_FILE": str(tmp_path / "key")})


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(WrongSettings, match=r"DATABASE_URL_FILE is '.*/none'; allowed: a readable text file \(No such"):
        load({"DATABASE_URL_FILE": str(tmp_path / "none")})
    (tmp_path / "bytes").write_bytes(b"\xff")
    with pytest.raises(WrongSettings, match=r"allowed: a readable text file \(not UTF-8\)"):
        load({"DATABASE_URL_FILE": str(tmp_path / "bytes")})


@pytest.mark.parametrize("name", ["PAYMENT_TIMEOUT_SECONDS", "READ_WAIT_SECONDS"])
def test_a_request_takes_longer_than_what_it_waits_for(name):
    with pytest.raises(WrongSettings) as wrong:
        load({"MYTICKET_REQUEST_TIMEOUT_SECONDS": "5", name: "5"})
    allowed = f"more than {name}, which is 5"
    assert str(wrong.value) == f"MYTICKET_REQUEST_TIMEOUT_SECONDS is '5'; allowed: {allowed}"
    assert load({"REQUEST_TIMEOUT_SECONDS": "5.1", name: "5"})


def test_the_longest_wait_for_a_page_asks_for_more_than_the_usual_time_of_a_request():
    with pytest.raises(WrongSettings, match=r"REQUEST_TIMEOUT_SECONDS is '30'; .* READ_WAIT_SECONDS, which is 30"):
        load({"READ_WAIT_SECONDS": "30"})
    assert load({"READ_WAIT_SECONDS": "30", "REQUEST_TIMEOUT_SECONDS": "31"})


@pytest.mark.parametrize("name", ["AUTH", "TRUSTED_MESH", "DATA"])
def test_what_guards_the_door_is_not_read_from_a_name_that_others_use(name):
    assert load({name: "off"}) == Settings()


def test_what_is_shown_is_what_is_read():
    """Whoever reads `AUTH` there would set AUTH, and nothing would come of it."""
    for name, value, _ in shown(Settings()):
        if value:
            assert (name, value, name) in list(shown(load({name: value})))


WRONG = {
    "MYTICKET_PORT": ("70000", "a whole number from 0 to 65535"),
    "PUBLIC_URL": ("ftp://here", "a URL like https://host[:port][/path]"),
    "NOTIFICATION_PREFIX": ("a\nb", "at most 100 printable characters"),
    "HOLD_SECONDS": ("nan", "a number of seconds from 1 to 86400"),
    "PAYMENT_TIMEOUT_SECONDS": ("0", "a number of seconds from 0.01 to 60"),
    "MYTICKET_AUTH": ("maybe", "on or off"),
    "VAPID_SUBJECT": ("tickets@example.com", "mailto: and an e-mail address"),
    "OIDC_ISSUER": ("http://[", "a URL like https://host[:port][/path]"),
    "PAYMENT_CURRENCY": ("zzz", "a currency of ISO 4217, as krw"),
    "LOG_LEVEL": ("loud", "debug | info | warning | error"),
    "KAFKA_BOOTSTRAP_SERVERS": ("kafka:9092,kafka:65536", "host:port, several of them with commas between"),
    "API_URL_PAYMENT": ("http://pay:8081?x=1", "a URL like https://host[:port][/path]"),
    "API_URL_TICKET": ("http://ticket :8082", "a URL like https://host[:port][/path]"),
    "OIDC_TOKEN_URL": ("https://login/token#x", "a URL like https://host[:port][/path][?query]"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_says_name_value_and_what_is_allowed(name):
    value, allowed = WRONG[name]
    with pytest.raises(WrongSettings) as wrong:
        load({name: value})
    assert str(wrong.value) == f"{name} is {value!r}; allowed: {allowed}"


def test_what_anybody_pays_with_is_a_currency():
    """By the tables of Unicode, which are not installed everywhere."""
    paid = {code.lower() for it in get_global("territory_currencies") for code in get_territory_currencies(it)}
    assert paid <= CODES
    assert WHOLE | THREE | ROUNDED <= CODES
    assert load({"PAYMENT_CURRENCY": "USD"}).payment_currency == "usd"


def test_all_wrong_ones_are_told_at_once():
    with pytest.raises(WrongSettings) as wrong:
        load({name: value for name, (value, _) in WRONG.items()})
    assert {one.name for one in wrong.value.each} == set(WRONG)


def test_no_secret_is_shown():
    with pytest.raises(WrongSettings) as wrong:
        load({"DATABASE_URL": "mysql://me:hush@host/db?password=hush2"})
    assert "hush" not in str(wrong.value)
    assert "'mysql://***@host/db?***'" in str(wrong.value)
    settings = load({"DATABASE_URL": "sqlite:////x?key=hush"})
    assert "hush" not in str(list(shown(settings)))


@pytest.mark.parametrize("password", ["hu/sh", "12/hush", "hu?sh", "hu#sh", "hu@sh/", "hu\nsh", "/hush"])
@pytest.mark.parametrize(
    ("name", "before", "behind"),
    [
        ("DATABASE_URL", "postgresql://me:", "@host/"),
        ("DATABASE_URL", "mysql://me:", "@host/db?x=y"),
        ("DATABASE_URL", "Postgres://me:", "@host:5432/"),
        ("MONGODB_URL", "mongodb://me:", "@host:a/db"),
        ("SMTP_URL", "smtp://me:", "@host:587"),
    ],
)
def test_no_part_of_a_password_is_shown_whatever_is_in_it(name, before, behind, password):
    with pytest.raises(WrongSettings) as wrong:
        load({name: before + password + behind})
    assert "sh" not in str(wrong.value).split(";")[0]


@pytest.mark.parametrize("name", ["DATABASE_URL", "MONGODB_URL"])
def test_a_password_whose_slash_ends_the_host_is_refused(name):
    scheme = "postgresql" if name == "DATABASE_URL" else "mongodb"
    with pytest.raises(WrongSettings):
        load({name: f"{scheme}://me:12/3@host/db"})
    assert load({name: f"{scheme}://me:12%2F3@host/db"})


@pytest.mark.parametrize("name", ["API_URL_PAYMENT", "PUBLIC_URL", "OIDC_ISSUER", "OIDC_TOKEN_URL"])
def test_an_address_that_is_shown_has_no_password(name):
    with pytest.raises(WrongSettings) as wrong:
        load({name: "https://me:hush@host"})
    assert f"{name} is 'https://***@host'" in str(wrong.value)


@pytest.mark.parametrize("name", ["OIDC_TOKEN_URL", "OIDC_JWKS_URL"])
def test_what_a_provider_is_asked_for_is_named_as_it_stands(name):
    """One tells its endpoints apart by a parameter, another answers only where the slash is."""
    for url in ("https://login.example/token?p=policy", "https://login.example/token/"):
        assert getattr(load({name: url}), name.lower()) == url


def test_a_folder_may_not_be_a_file(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WrongSettings, match="MYTICKET_DATA"):
        load({"MYTICKET_DATA": str(tmp_path / "file")})
    assert load({"MYTICKET_DATA": "~/x"}).data == Path.home() / "x"


@pytest.mark.parametrize(
    "url", ["smtp://kim:secret@mail.example:25", "smtps://mail.example?starttls", "http://mail.example", "smtp://", "x"]
)
def test_a_mail_password_goes_over_tls_only(url):
    with pytest.raises(WrongSettings) as wrong:
        load({"SMTP_URL": url})
    assert "SMTP_URL" in str(wrong.value)
    assert "secret" not in str(wrong.value)


@pytest.mark.parametrize(
    "url", ["smtp://kim:secret@mail.example:587?starttls", "smtps://kim:secret@mail.example", "smtp://mail.example:25"]
)
def test_a_mail_server_is_given_by_a_url(url):
    settings = load({"SMTP_URL": url})
    assert settings.smtp_url == url
    assert not any("secret" in (value or "") for _, value, _ in shown(settings))


@pytest.mark.parametrize("key", ["secret", "A" * 43, "_" * 43, "A" * 42 + "=", "A" * 44])
def test_a_key_to_push_with_is_a_private_number_of_its_curve(key):
    with pytest.raises(WrongSettings) as wrong:
        load({"VAPID_KEY": key})
    assert str(wrong.value) == "VAPID_KEY is '***'; allowed: 43 characters, as `myticket vapid-key` prints them"


def test_a_key_to_push_with_may_stand_in_a_file_and_is_not_shown(tmp_path):
    (tmp_path / "key").write_text(f"{new_key()}\n")
    settings = load({"VAPID_KEY_FILE": str(tmp_path / "key"), "VAPID_SUBJECT": "mailto:tickets@example.com"})
    assert not any(settings.vapid_key in (value or "") for _, value, _ in shown(settings))
    assert _reach(settings).subscribe.public_key() == Vapid(settings.vapid_key, "").public


def test_who_pushes_says_whom_to_write_to():
    with pytest.raises(CannotRun, match="VAPID_SUBJECT"):
        _reach(load({"VAPID_KEY": new_key()}))


def _reach(settings):
    return reach(settings, MemoryContacts(MemoryDatabase(SystemClock(), RandomIds())), AsyncExitStack())


@pytest.mark.parametrize(
    "name, meant",
    [
        ("MYTICKET_AUHT", ["MYTICKET_AUTH"]),
        ("MONGODB_URI", ["MONGODB_URL"]),
        ("KAFKA_BOOTSTRAP_SERVER", ["KAFKA_BOOTSTRAP_SERVERS"]),
        ("BOOK_DATABSE_URL_FILE", ["BOOK_DATABASE_URL_FILE"]),
        ("MONGODB_URL", []),
        ("MONGODB_URL_FILE", []),
        ("MYTICKET_TICKET_SERVICE_HOST", []),
        ("MYTICKET_TEST_AWAY", []),
        ("PORTS", []),
    ],
)
def test_a_name_that_is_nearly_a_setting_is_told(name, meant):
    assert [it for _, it in misnamed({name: "x"})] == meant
    assert [*misnamed({name: ""})] == []


def test_what_is_told_of_it_is_in_the_log():
    with capture_logs() as lines:
        warn({"MONGODB_URI": "mongodb://u:secret@docs"})
    assert [(it["log_level"], it["name"], it["meant"]) for it in lines] == [("warning", "MONGODB_URI", "MONGODB_URL")]
    assert "secret" not in str(lines)


def test_a_moment_says_its_offset():
    settings = load({"NOTIFICATION_SINCE": "2026-11-27T09:00:00+09:00"})
    assert settings.notification_since == datetime(2026, 11, 27, tzinfo=UTC)
    assert ("NOTIFICATION_SINCE", "2026-11-27T09:00:00+09:00", "NOTIFICATION_SINCE") in [*shown(settings)]
    for wrong in ("2026-11-27T09:00:00", "yesterday"):
        with pytest.raises(WrongSettings, match="a date and time with its offset"):
            load({"NOTIFICATION_SINCE": wrong})
