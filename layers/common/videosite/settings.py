"""Settings, read once from the environment on first use. `os.environ` is read nowhere else."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache


@dataclass(frozen=True)
class Settings:
    """One field per environment variable: `table_prefix` is read from `VIDEOSITE_TABLE_PREFIX`.

    A function's environment holds only what that function needs; reading a field that is not set
    raises `MissingSettingError`, which names the variable.
    """

    stage: str = "local"
    table_prefix: str = ""
    uploads_bucket: str = ""
    media_bucket: str = ""
    storage_endpoint: str = ""
    """Endpoint of the object storage as functions reach it. Empty: AWS S3 with the function's role."""
    storage_public_endpoint: str = ""
    """The same storage as clients reach it, used only when signing for clients. Empty: as above."""
    storage_access_key: str = ""
    storage_secret_key: str = ""
    storage_reader_access_key: str = ""
    """A key that can read the media bucket and nothing else, and has no session: signs addresses for a week.
    Empty: such addresses carry a path token."""
    storage_reader_secret_key: str = ""
    storage_path_style: bool = False
    ingest_queue_url: str = ""
    urgent_queue_url: str = ""
    bulk_queue_url: str = ""
    publish_queue_url: str = ""
    webhooks_queue_url: str = ""
    accounts_queue_url: str = ""
    dead_letter_urls: str = ""
    """Queues of dead letters, for operators: name=URL, comma-separated."""
    token_secret_arn: str = ""
    """Secrets Manager id of the key that signs access tokens."""
    media_secret_arn: str = ""
    """Secrets Manager id of the key that signs media path tokens (shared with the CDN)."""
    storage_events_secret_arn: str = ""
    """Secrets Manager id of the bearer secret of the `storage-events` route."""
    edge_secret_arn: str = ""
    """Secrets Manager id of the secret by which the API knows the CDN."""
    shard_function: str = ""
    """Name of the function that posts to one shard of a channel's sockets."""
    webhook_secret_arn: str = ""
    """Secrets Manager id of the key that webhooks' secrets follow from."""
    webhook_loopback: bool = False
    """Whether webhooks may go to this machine's own addresses, also by plain http: for a local stack."""
    registration: str = "closed"
    """closed; or the role of those who register themselves."""
    mail_from: str = ""
    """The sender of mails, an identity of SES. Empty: no mails, and addresses are believed."""
    sockets_endpoint: str = ""
    """Address for `@connections` calls: https://{api}.execute-api.{region}.amazonaws.com/{stage}."""
    distribution_id: str = ""
    """The CloudFront distribution before the media bucket. Empty: there is none."""
    public_url: str = ""
    """Where clients reach the site (CDN or local proxy), without a trailing slash."""
    cors_origins: str = ""
    """Comma-separated exact origins allowed for CORS and for sockets (`BACKEND_CORS_ORIGINS`)."""
    max_sockets: int = 20
    """Sockets one user may have open by one address."""
    lease_s: float = 90.0
    """How long a worker's claim on a task holds without a heartbeat."""
    window: int = 8
    """Tasks of one video in the queues at once."""
    max_attempts: int = 4
    """Claims of one task before it fails with `worker_crashed`."""
    quota_storage_bytes: int = 0
    """What a user's uploads may take together, unless the user has a limit of their own. 0: no limit."""
    quota_minutes: int = 0
    """Minutes of video a user may have transcoded in a calendar month. 0: no limit."""
    quota_parallel_jobs: int = 0
    """Transcodes of one user at once; more of them wait. 0: no limit."""
    ffmpeg_path: str = ""
    ffprobe_path: str = ""

    @property
    def allowed_origins(self) -> frozenset[str]:
        return frozenset(o.strip().rstrip("/") for o in self.cors_origins.split(",") if o.strip())


_ENVIRONMENT_NAMES = {
    "cors_origins": "BACKEND_CORS_ORIGINS",
    "ffmpeg_path": "FFMPEG_PATH",
    "ffprobe_path": "FFPROBE_PATH",
}


class MissingSettingError(LookupError):
    """A setting this code path needs is not in the environment."""


def environment_name(field: str) -> str:
    """The variable a field is read from."""
    return _ENVIRONMENT_NAMES.get(field, f"VIDEOSITE_{field.upper()}")


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Build settings from a mapping; absent or empty variables keep their defaults."""
    values: dict[str, object] = {}
    for field in fields(Settings):
        raw = environ.get(environment_name(field.name), "")
        if not raw:
            continue
        if field.type is bool:
            values[field.name] = raw.lower() in ("1", "true", "yes")
        elif field.type in (int, float):
            values[field.name] = field.type(raw)
        else:
            values[field.name] = raw
    return Settings(**values)  # type: ignore[arg-type]


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The process's settings. Tests call `get_settings.cache_clear()` after changing the environment."""
    return read_settings(os.environ)


def require(field: str) -> str:
    """A string setting that must be there.

    Raises:
        MissingSettingError: names the environment variable to set.
    """
    value = getattr(get_settings(), field)
    if not value:
        raise MissingSettingError(f"{environment_name(field)} is not set")
    return str(value)
