"""The error tree and the settings."""

import pytest

from videosite import errors
from videosite.ids import EPOCH_MS, asset_key, video_id
from videosite.settings import MissingSettingError, Settings, get_settings, read_settings, require


def test_every_error_has_a_status_and_a_code() -> None:
    for kind, status in (
        (errors.BadInputError, 422),
        (errors.TooLargeError, 413),
        (errors.UnauthorizedError, 401),
        (errors.ForbiddenError, 403),
        (errors.NotFoundError, 404),
        (errors.ConflictError, 409),
        (errors.TooManyError, 429),
        (errors.RetryableError, 503),
    ):
        error = kind("some_code", "A sentence.")
        assert (error.code, error.message, error.http_status) == ("some_code", "A sentence.", status)
        assert isinstance(error, errors.PermanentError) is (kind is not errors.RetryableError)


def test_settings_are_typed_and_empty_means_default() -> None:
    settings = read_settings(
        {"VIDEOSITE_WINDOW": "3", "VIDEOSITE_LEASE_S": "", "VIDEOSITE_STORAGE_PATH_STYLE": "true",
         "BACKEND_CORS_ORIGINS": "http://a.example, http://b.example/,"}
    )  # fmt: skip
    assert settings == Settings(
        window=3, storage_path_style=True, cors_origins="http://a.example, http://b.example/,"
    )
    assert settings.allowed_origins == {"http://a.example", "http://b.example"}


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIDEOSITE_INGEST_QUEUE_URL", raising=False)
    get_settings.cache_clear()
    with pytest.raises(MissingSettingError, match="VIDEOSITE_INGEST_QUEUE_URL is not set"):
        require("ingest_queue_url")
    get_settings.cache_clear()


def test_ids() -> None:
    assert video_id(EPOCH_MS, 0) == 0
    assert video_id(EPOCH_MS + 1, 5) == 4096 + 5
    in_2094 = EPOCH_MS + 69 * 365 * 86_400_000
    assert video_id(in_2094, 4095) < 2**53
    assert video_id(2_000_000_000_000) > video_id(1_999_999_999_999, 4095)
    assert len(asset_key()) == 32
    assert asset_key() != asset_key()
