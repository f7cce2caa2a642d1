"""Every setting, by section, with its default."""

from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from pprmail.config.values import (
    Address,
    Colour,
    Fonts,
    Host,
    Line,
    Logo,
    MailHost,
    MailPort,
    Monthly,
    MonthOrNothing,
    Networks,
    RecallWindow,
    Recipients,
    WebAddress,
    Zone,
)
from pprmail.model.colours import READABLE, unreadable
from pprmail.model.masthead import FONTS, LOOPBACK, Brand

ENVIRONMENT: Final = "PPRMAIL_"


class Section(BaseModel):
    """A table of the file; a key that nobody knows is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Newsletter(Section):
    """Who sends the letter."""

    name: Line = "The Practice Research Letter"
    from_name: Line = ""
    from_email: Address = ""
    reply_to: Address = ""
    postal_address: str = ""
    base_url: WebAddress = "http://127.0.0.1:8000"
    timezone: Zone = "America/Toronto"
    list_id: Line = ""


class BrandColours(Section):
    """How the letter looks."""

    accent: Colour = "#1f5f5b"
    text: Colour = "#22272b"
    background: Colour = "#f4f1ea"
    logo_url: Logo = ""
    fonts: Fonts = FONTS

    @model_validator(mode="after")
    def _every_word_can_be_read(self) -> Self:
        found = [
            f"{bad.name} {bad.colour} has a contrast of {bad.ratio:.2f}:1 on the {bad.behind} "
            f"({bad.ground}), and readers need {READABLE}:1; the nearest that passes is {bad.nearest}"
            for bad in unreadable(Brand(**self.model_dump()))
        ]
        if found:
            raise ValueError("; ".join(found))
        return self


class Operator(Section):
    """Who is told when something needs a person."""

    email: Address = ""


class DatabaseAddress(Section):
    """Where the rows are."""

    # The address may hold a password.
    url: Annotated[str, Field(repr=False)] = "sqlite:///pprmail.db"


class Delivery(Section):
    """How letters leave, and to whom they may."""

    sender: Literal["outbox", "sendgrid", "smtp"] = "outbox"
    allowed_recipients: Recipients = []
    batch_size: Annotated[int, Field(ge=1, le=1000)] = 1000
    concurrency: Annotated[int, Field(ge=1, le=16)] = 4
    recall_window_minutes: RecallWindow = 20
    on_unknown: Literal["recall", "hold"] = "recall"
    journal: str = ""


class Outbox(Section):
    """Where rehearsals are written."""

    directory: str = "outbox"


class SendGrid(Section):
    """The provider's key and host."""

    api_key: SecretStr = SecretStr("")
    host: Host = "https://api.sendgrid.com"
    timeout_seconds: Annotated[float, Field(gt=0, le=300)] = 30
    webhook_public_key: str = ""


class Smtp(Section):
    """The mail server, and how to get in."""

    host: MailHost = "localhost"
    port: MailPort = 587
    username: Line = ""
    password: SecretStr = SecretStr("")
    starttls: bool = True
    timeout_seconds: Annotated[float, Field(gt=0, le=300)] = 30

    @property
    def tls_at_once(self) -> bool:
        """Tell whether the port is the one that is encrypted from the first byte (RFC 8314)."""
        return self.port == 465


class Schedule(Section):
    """When a month is assembled, and when its letter is proposed to go out."""

    first_month: MonthOrNothing = ""
    assemble: Monthly = "1st mon 09:00"
    send: Monthly = "2nd tue 09:00"
    latest_send_days: Annotated[int, Field(ge=0, le=60)] = 7


class Web(Section):
    """Where the pages are served, and with which keys links are signed."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    secret_key: SecretStr = SecretStr("")
    previous_secret_keys: list[SecretStr] = []
    allowed_hosts: list[str] = []
    trusted_proxies: Networks = []


class Privacy(Section):
    """How long is kept what is known of people to whom no letter goes; 0 keeps it for good."""

    unconfirmed_days: Annotated[int, Field(ge=0, le=3650)] = 30
    ended_days: Annotated[int, Field(ge=0, le=3650)] = 0


class Settings(BaseSettings):
    """Everything that can be set; every key has a default."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT, env_nested_delimiter="__", extra="forbid", frozen=True
    )
    newsletter: Newsletter = Newsletter()
    brand: BrandColours = BrandColours()
    operator: Operator = Operator()
    database: DatabaseAddress = DatabaseAddress()
    delivery: Delivery = Delivery()
    outbox: Outbox = Outbox()
    sendgrid: SendGrid = SendGrid()
    smtp: Smtp = Smtp()
    schedule: Schedule = Schedule()
    web: Web = Web()
    privacy: Privacy = Privacy()

    _root: Path = PrivateAttr(default=Path())

    @property
    def root(self) -> Path:
        """The folder that relative paths are taken from: the one of the configuration file."""
        return self._root

    @property
    def outbox_directory(self) -> Path:
        """Where rehearsals are written."""
        return self._root / self.outbox.directory

    @property
    def journal_directory(self) -> Path:
        """Where intents are written down before each request: beside the database by default."""
        return self._root / (self.delivery.journal or "journal")

    @model_validator(mode="after")
    def _a_real_sender_has_its_key(self) -> Self:
        if self.delivery.sender == "sendgrid" and not self.sendgrid.api_key.get_secret_value():
            raise ValueError(
                "[sendgrid] api_key is empty though [delivery] sender is sendgrid; "
                "put the key into PPRMAIL_SENDGRID__API_KEY"
            )
        return self

    @model_validator(mode="after")
    def _a_mail_server_is_told_its_password_in_private(self) -> Self:
        if self.delivery.sender != "smtp" or not self.smtp.username:
            return self
        if not self.smtp.password.get_secret_value():
            raise ValueError(
                "[smtp] password is empty though [smtp] username is set; "
                "put the password into PPRMAIL_SMTP__PASSWORD"
            )
        in_the_open = not (self.smtp.starttls or self.smtp.tls_at_once)
        if in_the_open and self.smtp.host.lower() not in LOOPBACK:
            raise ValueError("[smtp] starttls is off, and the password would travel in the open")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is the library's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file, and read nothing else."""
        return env_settings, init_settings
