"""Adding, changing, rotating, removing; and what switches a webhook off."""

import pytest

from tests.unit.realtime.factories import NOW_S
from tests.unit.webhooks.factories import URL, make_webhook
from videosite.errors import BadInputError, ChangedError, ConflictError, NotFoundError
from videosite.settings import get_settings
from videosite.store.tables import Webhook
from videosite.webhooks import registry
from videosite.webhooks.events import GLOBAL

pytestmark = pytest.mark.usefixtures("aws")


def test_the_secret_is_stored_nowhere() -> None:
    webhook, secret = registry.add("ada", URL, None, "", "ada", NOW_S)
    assert secret.startswith("whsec_")
    assert registry.secrets_of(webhook, NOW_S) == [secret]
    stored = repr([Webhook.serialize(row) for row in Webhook.scan()])
    assert secret.removeprefix("whsec_") not in stored


def test_each_has_a_secret_of_its_own() -> None:
    secrets = {registry.add("ada", URL, None, "", "ada", NOW_S)[1] for _ in range(3)}
    assert len(secrets) == 3


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/", "ftp://hooks.example.org/", "https://", "https:///x",
        "https://user:pass@hooks.example.org/", "https://hooks.example.org/#x", "https://hooks.example.org:x/",
        "https://10.0.0.1/", "https://[::1]/", "https://[::ffff:8.8.8.8]/", "https://169.254.169.254/",
        "https://a b/", "https://例子.org/", "https://x/" + "y" * 2000, "https://x/\r\nHost: y", "https://[x/",
        "hooks.example.org",
    ],
)  # fmt: skip
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(BadInputError) as caught:
        registry.add("ada", url, None, "", "ada", NOW_S)
    assert caught.value.code == "bad_url"
    assert registry.list_all("ada") == []


def test_a_local_stack_may_post_to_its_own_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDEOSITE_WEBHOOK_LOOPBACK", "true")
    get_settings.cache_clear()
    make_webhook(url="http://127.0.0.1:9000/hook")
    make_webhook(url="http://localhost:9000/hook")
    with pytest.raises(BadInputError):
        make_webhook(url="http://10.0.0.1/")


def test_events_must_be_known() -> None:
    for events in ([], ["transcode_progress"], ["webhook_test"]):
        with pytest.raises(BadInputError) as caught:
            registry.add("ada", URL, events, "", "ada", NOW_S)
        assert caught.value.code == "bad_events"


def test_there_is_a_limit() -> None:
    for _ in range(registry.MOST):
        make_webhook()
    with pytest.raises(ConflictError):
        make_webhook()
    make_webhook("bob")


def test_others_do_not_see_it() -> None:
    webhook, shared = make_webhook(), make_webhook(GLOBAL)
    assert registry.find(webhook.webhook_id, "ada", "creator").url == URL
    assert registry.find(shared.webhook_id, "root", "admin").url == URL
    for webhook_id, user_id, role in (
        (webhook.webhook_id, "bob", "creator"),
        (webhook.webhook_id, "root", "admin"),
        (shared.webhook_id, "ada", "moderator"),
    ):
        with pytest.raises(NotFoundError):
            registry.find(webhook_id, user_id, role)


def test_a_rotated_secret_is_good_for_a_day() -> None:
    webhook, old = registry.add("ada", URL, None, "", "ada", NOW_S)
    new = registry.rotate(webhook, NOW_S)
    assert new != old
    found = registry.find(webhook.webhook_id, "ada", "creator")
    assert registry.secrets_of(found, NOW_S + registry.OLD_SECRET_S - 1) == [new, old]
    assert registry.secrets_of(found, NOW_S + registry.OLD_SECRET_S) == [new]


def test_each_of_several_secrets_in_a_day_has_its_day() -> None:
    """Who lost the answer that showed one rotates again; receivers still know the first."""
    webhook, first = registry.add("ada", URL, None, "", "ada", NOW_S)
    second = registry.rotate(webhook, NOW_S)
    third = registry.rotate(webhook, NOW_S + 3600)
    found = registry.find(webhook.webhook_id, "ada", "creator")
    day_s = registry.OLD_SECRET_S
    assert registry.secrets_of(found, NOW_S + day_s - 1) == [third, second, first]
    assert registry.secrets_of(found, NOW_S + day_s) == [third, second]
    assert registry.secrets_of(found, NOW_S + 3600 + day_s) == [third]
    for number in range(registry.MOST_OLD + 1):
        registry.rotate(webhook, NOW_S + 9000 + number)
    assert len(registry.secrets_of(webhook, NOW_S + 9100)) == registry.MOST_OLD + 1


def test_two_rotations_at_once_make_one_secret() -> None:
    webhook = make_webhook()
    seen = registry.find(webhook.webhook_id, "ada", "creator")
    registry.rotate(webhook, NOW_S)
    with pytest.raises(ChangedError, match="changed_meanwhile"):
        registry.rotate(seen, NOW_S)


def test_another_secret_is_a_change_that_others_have_not_seen() -> None:
    webhook = make_webhook()
    seen = registry.find(webhook.webhook_id, "ada", "creator")
    registry.rotate(webhook, NOW_S + 5)
    with pytest.raises(ChangedError, match="changed_meanwhile"):
        registry.change(seen, NOW_S + 6, description="mine", only_as_seen=True)


def test_what_is_not_given_stays() -> None:
    webhook = make_webhook(events=["system_message"])
    registry.change(webhook, NOW_S, description="mine")
    assert (webhook.url, webhook.events, webhook.description) == (URL, {"system_message"}, "mine")
    registry.change(webhook, NOW_S, url=f"{URL}/2", events=[])
    webhook = registry.find(webhook.webhook_id, "ada", "creator")
    assert (webhook.url, webhook.description) == (f"{URL}/2", "mine")
    assert registry.wants(webhook, "transcode_failed")
    with pytest.raises(BadInputError):
        registry.change(webhook, NOW_S, url="http://x/")


def test_a_change_does_not_bring_back_what_was_removed() -> None:
    webhook = make_webhook()
    registry.remove(webhook)
    with pytest.raises(NotFoundError):
        registry.change(webhook, NOW_S, enabled=True)
    with pytest.raises(NotFoundError):
        registry.rotate(webhook, NOW_S)
    registry.note_failure(webhook, NOW_S)
    assert not registry.disable(webhook, "failing", NOW_S)
    assert list(Webhook.scan()) == []


def test_it_gets_what_it_asked_for() -> None:
    every, some = make_webhook(), make_webhook(events=["transcode_failed"])
    assert registry.wants(every, "system_message")
    assert registry.wants(some, "transcode_failed")
    assert not registry.wants(some, "system_message")
    registry.change(every, NOW_S, enabled=False)
    assert not registry.wants(every, "system_message")


def test_switched_on_again_it_begins_anew() -> None:
    webhook = make_webhook()
    registry.note_failure(webhook, NOW_S)
    registry.note_failure(webhook, NOW_S + 60)
    assert webhook.failing_since_s == NOW_S
    assert registry.disable(webhook, "failing", NOW_S)
    assert not registry.disable(webhook, "failing", NOW_S)
    registry.change(webhook, NOW_S, enabled=True)
    webhook = registry.find(webhook.webhook_id, "ada", "creator")
    assert webhook.enabled
    assert [webhook.disabled_reason, webhook.failing_since_s] == [None, None]


def test_all_of_an_owner_go_with_the_owner() -> None:
    make_webhook()
    make_webhook()
    make_webhook("bob")
    assert registry.remove_all("ada") == 2
    assert [row.owner_id for row in Webhook.scan()] == ["bob"]
