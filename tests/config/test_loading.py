"""The configuration: its defaults, and what is said of a key that can't be used."""

import tomllib
from pathlib import Path

import pytest

from pprmail.config import Settings, every_key, load
from pprmail.errors import ConfigError

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
SECRET = "hush-hush-not-for-anybody"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration that sets nothing."""
    path = tmp_path / "config.toml"
    path.touch()
    return path


def _refusal(path: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(path)
    return caught.value


def test_the_example_lists_every_key_with_its_default(config: Path) -> None:
    tables = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    assert [(s, k) for s, keys in tables.items() for k in keys] == every_key()
    assert load(EXAMPLE).model_dump() == load(config).model_dump()


def test_nobody_is_written_to_by_default(config: Path) -> None:
    delivery = load(config).delivery
    assert (delivery.sender, delivery.allowed_recipients) == ("outbox", [])


def test_folders_are_taken_from_where_the_file_is(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path.parent)
    settings = load(Path(tmp_path.name) / "config.toml")
    assert settings.outbox_directory == tmp_path / "outbox"
    assert settings.journal_directory == tmp_path / "journal"
    config.write_text('[delivery]\njournal = "/srv/journal"\n')
    assert load(config).journal_directory == Path("/srv/journal")


@pytest.mark.parametrize("section", list(Settings.model_fields))
def test_a_misspelt_section_names_the_nearest_one_and_the_file(config: Path, section: str) -> None:
    config.write_text(f"[{section}s]\n")
    error = _refusal(config)
    assert error.where == str(config)
    assert error.message == f"[{section}s] is not a setting; did you mean {section}?"


@pytest.mark.parametrize(("section", "key"), every_key())
def test_a_misspelt_key_names_the_nearest_one_and_the_file(
    config: Path, section: str, key: str
) -> None:
    config.write_text(f"[{section}]\n{key}x = 1\n")
    error = _refusal(config)
    assert error.where == str(config)
    assert error.message == f"[{section}] {key}x is not a setting; did you mean {key}?"


def test_every_wrong_key_is_named_at_once(config: Path) -> None:
    config.write_text('[web]\nport = 65536\n[newsletter]\ntimezone = "Toronto"\n')
    message = _refusal(config).message
    assert "[web] port: " in message
    assert "[newsletter] timezone: “Toronto” is no time zone" in message


@pytest.mark.parametrize(
    "line",
    [
        'newsletter.from_name = "Letter\\nBcc: all@example.org"',
        'newsletter.from_email = "Editor <editor@example.org>"',
        'newsletter.base_url = "http://letter.example.org"',
        'newsletter.base_url = "https://letter.example.org/?page=1"',
        'newsletter.timezone = "../../etc/passwd"',
        'brand.accent = "red; background: url(x)"',
        'delivery.sender = "carrier pigeon"',
        'delivery.allowed_recipients = ["example.org"]',
        "delivery.batch_size = 1001",
        "delivery.concurrency = 0",
        'sendgrid.host = "http://api.sendgrid.com"',
        'smtp.host = ""',
        'smtp.host = "smtp://mail.example.org"',
        'smtp.host = "mail.example.org:587"',
        'smtp.host = "mail.example.org\\r\\nRSET"',
        "smtp.port = 0",
        "smtp.port = 65536",
        'smtp.username = "letter\\r\\nRSET"',
        "smtp.timeout_seconds = 0",
        'schedule.first_month = "November"',
        'schedule.send = "5th tue 09:00"',
        'schedule.assemble = "1st mon 02:30"',
    ],
)
def test_a_value_that_can_not_be_used_is_refused_by_its_key(config: Path, line: str) -> None:
    config.write_text(f"{line}\n")
    section, _, key = line.partition(" ")[0].partition(".")
    error = _refusal(config)
    assert error.where == str(config)
    assert error.message.startswith(f"[{section}] {key}: ")


def test_a_file_that_can_not_be_read_is_named(config: Path, tmp_path: Path) -> None:
    missing = _refusal(tmp_path / "none.toml")
    assert (missing.where, "pprmail init" in missing.remedy) == (str(tmp_path / "none.toml"), True)
    assert "can't be read" in _refusal(tmp_path).message
    config.write_bytes(b"\xff\xfe[web]")
    assert "this is not TOML" in _refusal(config).message


@pytest.mark.parametrize("name", ["PPRMAIL_WEB__PORT", "pprmail_web__port"])
def test_the_environment_wins_over_the_file(
    config: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    config.write_text('[web]\nport = 1\nhost = "::1"\n')
    monkeypatch.setenv(name, "2")
    web = load(config).web
    assert (web.port, web.host) == (2, "::1")


def test_a_value_of_the_environment_that_can_not_be_used_is_looked_for_there(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PPRMAIL_DELIVERY__BATCH_SIZE", "many")
    with pytest.raises(ConfigError, match="from the environment variable PPRMAIL_DELIVERY__BATCH"):
        load(config)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("PPRMAIL_WEB__PROT", "PPRMAIL_WEB__PORT"),
        ("PPRMAIL_SENDGRID_API_KEY", "PPRMAIL_SENDGRID__API_KEY"),
        ("pprmail_wbe__port", "PPRMAIL_WEB__PORT"),
        ("PPRMAIL_DELIVERY", "PPRMAIL_DELIVERY__"),
    ],
)
def test_a_misspelt_variable_is_named_with_the_nearest_one(
    config: Path, monkeypatch: pytest.MonkeyPatch, name: str, meant: str
) -> None:
    monkeypatch.setenv(name, SECRET)
    error = _refusal(config)
    assert error.where == f"environment variable {name}"
    assert error.remedy.startswith(f"did you mean {meant}")
    assert SECRET not in str(error)


def test_a_list_in_the_environment_is_written_in_json(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PPRMAIL_DELIVERY__ALLOWED_RECIPIENTS", '["Me@Example.org", "*"]')
    assert load(config).delivery.allowed_recipients == ["me@example.org", "*"]


@pytest.mark.parametrize(
    "key", ["DELIVERY__ALLOWED_RECIPIENTS", "WEB__PREVIOUS_SECRET_KEYS", "WEB__TRUSTED_PROXIES"]
)
@pytest.mark.parametrize("value", ["[oops", SECRET, f'["{SECRET}"'])
def test_a_list_that_is_not_json_names_its_variable_and_not_its_value(
    config: Path, monkeypatch: pytest.MonkeyPatch, key: str, value: str
) -> None:
    monkeypatch.setenv("PPRMAIL_NEWSLETTER__NAME", "[no list, and right as it is")
    monkeypatch.setenv(f"PPRMAIL_{key}", value)
    error = _refusal(config)
    assert error.where == f"environment variable PPRMAIL_{key}"
    assert error.message == "this is not a list in JSON"
    assert value not in str(error)


def test_a_real_sender_without_its_key_is_refused(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text('[delivery]\nsender = "sendgrid"\n')
    assert "PPRMAIL_SENDGRID__API_KEY" in _refusal(config).message
    monkeypatch.setenv("PPRMAIL_SENDGRID__API_KEY", SECRET)
    assert load(config).sendgrid.api_key.get_secret_value() == SECRET


def test_a_mail_server_with_a_user_name_and_no_password_is_refused(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text('[delivery]\nsender = "smtp"\n[smtp]\nusername = "letter"\n')
    assert "PPRMAIL_SMTP__PASSWORD" in _refusal(config).message
    monkeypatch.setenv("PPRMAIL_SMTP__PASSWORD", SECRET)
    assert load(config).smtp.password.get_secret_value() == SECRET


def test_a_mail_server_without_a_user_name_needs_no_password(config: Path) -> None:
    config.write_text('[delivery]\nsender = "smtp"\n')
    smtp = load(config).smtp
    assert (smtp.host, smtp.port, smtp.starttls) == ("localhost", 587, True)


@pytest.mark.parametrize("host", ["mail.example.org", "10.0.0.1", "localhost.example.org"])
def test_a_password_in_the_open_is_for_this_machine_alone(config: Path, host: str) -> None:
    text = '[delivery]\nsender = "smtp"\n[smtp]\nusername = "me"\nstarttls = false\n'
    text += f'password = "{SECRET}"\nhost = "{{}}"\n'
    config.write_text(text.format(host))
    assert "in the open" in _refusal(config).message
    for own in ("LocalHost", "127.0.0.1", "::1"):
        config.write_text(text.format(own))
        assert load(config).smtp.host == own
    config.write_text(text.format(host) + "port = 465\n")
    assert load(config).smtp.tls_at_once


def test_settings_are_shown_without_their_secrets(config: Path) -> None:
    config.write_text(
        f'[database]\nurl = "postgresql+psycopg://letter:{SECRET}@host/letter"\n'
        f'[sendgrid]\napi_key = "{SECRET}"\n'
        f'[smtp]\npassword = "{SECRET}"\n'
        f'[web]\nsecret_key = "{SECRET}"\nprevious_secret_keys = ["{SECRET}"]\n'
    )
    settings = load(config)
    assert SECRET in settings.database.url
    shown = f"{settings!r} {settings} {settings.database!r} {settings.smtp!r} {settings.web}"
    assert SECRET not in shown


@pytest.mark.parametrize(
    "text",
    [
        '[web]\nsecret_key = ["{0}"]',
        '[web]\nprevious_secret_keys = "{0}"',
        '[web]\nprevious_secret_keys = ["{0}", 5]',
        '[web]\nsecret_keys = "{0}"',
        '[sendgrid]\napi_key = "{0}"\ntimeout_seconds = 0',
        '[sendgrid]\napi_key = "{0}',
        '[database]\nurl = ["{0}"]',
        '[delivery]\nsender = "sendgrid"\n[web]\nsecret_key = "{0}"',
        '[smtp]\npassword = ["{0}"]',
        '[delivery]\nsender = "smtp"\n[smtp]\npassword = "{0}"\nport = 0',
        'web = "{0}"',
    ],
)
def test_no_error_shows_a_secret(config: Path, text: str) -> None:
    config.write_text(text.format(SECRET))
    error = _refusal(config)
    assert SECRET not in f"{error} {error!r} {error.__cause__!r}"


@pytest.mark.parametrize("value", ["127.0.0.1", "10.0.0.0/8", "10.1.2.3/8", "::1", "2001:db8::/32"])
def test_proxies_are_addresses_or_networks(config: Path, value: str) -> None:
    config.write_text(f'[web]\ntrusted_proxies = ["{value}"]')
    assert load(config).web.trusted_proxies == [value]


@pytest.mark.parametrize("value", ["localhost", "*", "", "10.0.0.0/64"])
def test_what_names_no_proxy_is_refused(config: Path, value: str) -> None:
    config.write_text(f'[web]\ntrusted_proxies = ["{value}"]')
    assert "trusted_proxies" in str(_refusal(config))
