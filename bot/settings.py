"""Settings, read once from the environment and `.env`, and checked before anything starts."""

import re
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

PUBLIC_API = "https://api.telegram.org"

_HOST = r"(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])"
_PLACE = r"(?::[0-9]{1,5})?(?:/[^\s?#]*)?"  # a port and a path

# What a setting looks like, and an example for whoever wrote it otherwise. Telegram says what a
# token, a secret and a webhook's address are, in core.telegram.org/bots/api#setwebhook; it posts
# over TLS only, which a pretended one on this machine does not need.
FORMS = {
    "telegram_token": ("|[0-9]{1,20}:[A-Za-z0-9_-]{1,100}", "123456789:letters-and-digits"),
    "telegram_api": (f"https?://{_HOST}{_PLACE}", PUBLIC_API),
    "public_url": (
        f"|https://{_HOST}{_PLACE}|http://(?:localhost|127[.]0[.]0[.]1){_PLACE}",
        "https://bot.example.vn",
    ),
    "webhook_secret": ("|[A-Za-z0-9_-]{1,256}", "256 letters without accents, digits, _ and -"),
    "listen": (f"{_HOST}:[0-9]{{1,5}}", "127.0.0.1:8080"),
    "database_url": (
        r"|sqlite:///[^?#]+|postgresql\+psycopg://\S+",
        "postgresql+psycopg://user:password@host/name",
    ),
}


class WrongSetting(Exception):
    """One sentence for the operator, naming the setting."""


class Settings(BaseSettings):
    """send_rate: messages a second, nudges and broadcasts together.

    survey_least: answers to a survey before anything is told of them.
    """

    model_config = SettingsConfigDict(env_prefix="PHONGBOT_", env_file=".env", extra="ignore")

    telegram_token: SecretStr = SecretStr("")
    telegram_api: str = PUBLIC_API
    telegram_mode: Literal["poll", "webhook"] = "poll"
    public_url: str = ""
    webhook_secret: SecretStr = SecretStr("")
    listen: str = "127.0.0.1:8080"
    data_dir: Path = Path("var")
    database_url: str = ""
    files_url: str = ""
    office_name: str = Field(default="Phòng Giáo dục và Đào tạo", min_length=1)
    language: Literal["vi", "en"] = "vi"
    timezone: ZoneInfo = ZoneInfo("Asia/Ho_Chi_Minh")
    send_rate: float = Field(default=25, gt=0, le=1000)
    survey_least: int = Field(default=5, ge=2, le=1000)
    clock: datetime | None = None

    @field_validator(*FORMS)
    @classmethod
    def _well_formed(cls, value: str | SecretStr, info: ValidationInfo) -> str | SecretStr:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        form, example = FORMS[str(info.field_name)]
        if not re.fullmatch(form, text):
            raise ValueError(f"should be like {example}")
        if info.field_name in ("telegram_api", "public_url", "listen"):
            urlsplit(text if "/" in text else f"//{text}").port  # noqa: B018  raises ValueError
        return value

    @field_validator("clock")
    @classmethod
    def _aware(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("needs a time zone, as in 2018-06-01T08:00+07:00")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> "Settings":
        if self.clock and not is_loopback(urlsplit(self.telegram_api).hostname or ""):
            raise ValueError(
                "PHONGBOT_CLOCK works only with a PHONGBOT_TELEGRAM_API on this machine"
            )
        if self.telegram_mode == "webhook" and not (
            self.public_url and self.webhook_secret.get_secret_value()
        ):
            raise ValueError(
                "PHONGBOT_TELEGRAM_MODE=webhook needs PHONGBOT_PUBLIC_URL and"
                " PHONGBOT_WEBHOOK_SECRET"
            )
        return self

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'phongbot.db'}"

    @property
    def files(self) -> Path:
        """The folder of stored files."""
        return Path(self.files_url) if self.files_url else self.data_dir / "files"


def read_settings() -> Settings:
    """Raises WrongSetting."""
    try:
        return Settings()
    except ValidationError as wrong:
        raise WrongSetting(_sentence(wrong)) from None


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _sentence(wrong: ValidationError) -> str:
    """Never shows the value: it may be a secret."""
    first = wrong.errors(include_input=False, include_url=False)[0]
    name = "".join(f"PHONGBOT_{part.upper()}: " for part in map(str, first["loc"][:1]))
    return f"{name}{first['msg'].removeprefix('Value error, ')}"
