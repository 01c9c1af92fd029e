"""Webhooks: adding, changing and removing them, their secrets, and switching off those that fail."""

from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from videosite import ids
from videosite.accounts.permissions import has_permission
from videosite.errors import BadInputError, ConflictError, NotFoundError, changed
from videosite.settings import get_settings, require
from videosite.store.addresses import is_allowed
from videosite.store.secrets import get_secret
from videosite.store.tables import Webhook
from videosite.store.transactions import applied
from videosite.webhooks import signing
from videosite.webhooks.events import GLOBAL, TYPES

MOST = 10
"""Webhooks of one owner. Two requests at once may make one more, which does no harm."""
MAX_URL_CHARACTERS = 2000
OLD_SECRET_S = 24 * 3600
"""After a rotation, messages are signed with the old secret too for so long."""
MOST_OLD = 5
"""Old secrets that sign; of more rotations in a day the first ones end early."""
FAILING_S = 3 * 24 * 3600
"""A webhook that accepted nothing for so long is switched off when a delivery is given up."""


def add(
    owner_id: str, url: str, events: Collection[str] | None, description: str, user_id: str, now_s: float
) -> tuple[Webhook, str]:
    """A new webhook, and its secret, which nobody can ask for again.

    `events`: types it gets; None: all. `user_id`: who adds it.

    Raises:
        BadInputError: `bad_url`, `bad_events`.
        ConflictError: `too_many_webhooks`.
    """
    _check_url(url)
    _check_events(events)
    if len(list_all(owner_id)) >= MOST:
        raise ConflictError("too_many_webhooks", f"There are {MOST} webhooks; remove one first.")
    webhook = Webhook(
        owner_id,
        f"wh_{ids.opaque_id()}",
        url=url,
        description=description,
        events=set(events) if events is not None else None,
        created_by=user_id,
        created_at_s=now_s,
        updated_at_s=now_s,
    )
    webhook.save(condition=Webhook.webhook_id.does_not_exist())
    return webhook, secrets_of(webhook, now_s)[0]


def list_all(owner_id: str) -> list[Webhook]:
    """An owner's webhooks, the oldest first."""
    return sorted(Webhook.query(owner_id, consistent_read=True), key=lambda row: row.created_at_s)


def load(owner_id: str, webhook_id: str) -> Webhook | None:
    """A webhook, or None."""
    try:
        return Webhook.get(owner_id, webhook_id, consistent_read=True)
    except Webhook.DoesNotExist:
        return None


def find(webhook_id: str, user_id: str, role: str) -> Webhook:
    """A webhook that somebody may manage: an own one, or a global one.

    Raises:
        NotFoundError: `webhook_not_found`.
    """
    owners = [user_id, *([GLOBAL] if has_permission(role, "webhooks.manage_global") else [])]
    found = next(filter(None, (load(owner, webhook_id) for owner in owners)), None)
    if found is None:
        raise _not_found()
    return found


def change(
    webhook: Webhook,
    now_s: float,
    url: str | None = None,
    events: Collection[str] | None = None,
    description: str | None = None,
    enabled: bool | None = None,
    only_as_seen: bool = False,
) -> None:
    """Change what is given; the rest stays. `events`: an empty collection stands for all. Switched on
    again, it begins with a clean slate. `only_as_seen`: unless it was changed since it was read.

    Raises:
        BadInputError: `bad_url`, `bad_events`.
        ChangedError: `changed_meanwhile`.
        NotFoundError: `webhook_not_found`, it was removed meanwhile.
    """
    actions: list[Action] = [Webhook.updated_at_s.set(now_s)]
    if url is not None:
        _check_url(url)
        actions.append(Webhook.url.set(url))
    if events is not None:
        _check_events(events or None)
        actions.append(Webhook.events.set(set(events)) if events else Webhook.events.remove())
    if description is not None:
        actions.append(Webhook.description.set(description))
    if enabled is not None:
        actions += [Webhook.enabled.set(enabled), Webhook.disabled_reason.remove()]
        actions += [Webhook.failing_since_s.remove()]
    if not only_as_seen:
        _update(webhook, actions)
    elif not applied(lambda: webhook.update(actions, condition=Webhook.updated_at_s == webhook.updated_at_s)):
        raise changed()


def rotate(webhook: Webhook, now_s: float) -> str:
    """A new secret, shown once. The old one signs, too, for a day.

    Raises:
        ChangedError: `changed_meanwhile`, somebody else rotated it.
        NotFoundError: `webhook_not_found`.
    """
    actions: list[Action] = [
        Webhook.secret_version.add(1),
        Webhook.rotations_s.set([*_rotations(webhook, now_s), now_s][-MOST_OLD:]),
        Webhook.rotated_at_s.set(now_s),
        Webhook.updated_at_s.set(now_s),
    ]
    same = Webhook.secret_version == webhook.secret_version
    if not applied(lambda: webhook.update(actions, condition=same)):
        raise changed() if load(webhook.owner_id, webhook.webhook_id) else _not_found()
    return secrets_of(webhook, now_s)[0]


def secrets_of(webhook: Webhook, now_s: float) -> list[str]:
    """What a message is signed with now, the newest first."""
    key = get_secret(require("webhook_secret_arn"))
    oldest = webhook.secret_version - len(_rotations(webhook, now_s))
    versions = range(webhook.secret_version, oldest - 1, -1)
    return [signing.secret(key, webhook.webhook_id, version) for version in versions]


def _rotations(webhook: Webhook, now_s: float) -> list[float]:
    """When the secret was rotated in the last day."""
    return [at_s for at_s in webhook.rotations_s or () if now_s < at_s + OLD_SECRET_S]


def remove(webhook: Webhook) -> None:
    """Send nothing there any more. What was sent is forgotten within days."""
    webhook.delete()


def remove_all(owner_id: str) -> int:
    """Remove all webhooks of an owner, as when a user is deleted; returns how many."""
    found = list_all(owner_id)
    for webhook in found:
        webhook.delete()
    return len(found)


def wants(webhook: Webhook, event_type: str) -> bool:
    """Whether a webhook gets events of a type."""
    return webhook.enabled and (webhook.events is None or event_type in webhook.events)


def host_of(webhook: Webhook) -> str:
    """Whom it goes to. The rest of an address may hold keys."""
    return urlsplit(webhook.url).hostname or ""


# --- how it goes ------------------------------------------------------------------------------------


def note_success(webhook: Webhook) -> None:
    """Something was accepted."""
    if webhook.failing_since_s is not None:
        applied(lambda: webhook.update([Webhook.failing_since_s.remove()], condition=_there()))


def note_failure(webhook: Webhook, now_s: float) -> None:
    """An attempt failed."""
    if webhook.failing_since_s is None:
        first = _there() & Webhook.failing_since_s.does_not_exist()
        applied(lambda: webhook.update([Webhook.failing_since_s.set(now_s)], condition=first))


def has_failed_long(webhook: Webhook, now_s: float) -> bool:
    """Whether it should be switched off."""
    return webhook.failing_since_s is not None and now_s >= webhook.failing_since_s + FAILING_S


def disable(webhook: Webhook, reason: str, now_s: float) -> bool:
    """Switch a webhook off. `reason`: failing | gone. False if it is off already, or something was accepted
    since it was read that is switched off for failing."""
    actions: list[Action] = [
        Webhook.enabled.set(False),
        Webhook.disabled_reason.set(reason),
        Webhook.updated_at_s.set(now_s),
    ]
    condition = _there() & (Webhook.enabled == True)  # noqa: E712
    if reason == "failing":
        condition &= Webhook.failing_since_s == webhook.failing_since_s
    return applied(lambda: webhook.update(actions, condition=condition))


def _there() -> Condition:
    return Webhook.webhook_id.exists()


def _update(webhook: Webhook, actions: list[Action]) -> None:
    if not applied(lambda: webhook.update(actions, condition=Webhook.webhook_id.exists())):
        raise _not_found()


def _not_found() -> NotFoundError:
    return NotFoundError("webhook_not_found", "There is no such webhook.")


def _check_url(url: str) -> None:
    """Refuse at once what could never be posted to; names are resolved when something is sent."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        parts.port  # noqa: B018 - raises if it is none
    except ValueError:
        raise _bad_url("This is not an address.") from None
    loopback = get_settings().webhook_loopback
    if parts.scheme != "https" and not (loopback and parts.scheme == "http"):
        raise _bad_url("The address begins with https://.")
    if not host or len(url) > MAX_URL_CHARACTERS or not url.isascii() or not url.isprintable() or " " in url:
        raise _bad_url("This is not an address.")
    if parts.username is not None or parts.fragment:
        raise _bad_url("The address has neither a user name nor a fragment.")
    try:
        allowed = is_allowed(host, url, loopback)
    except ValueError:
        return  # a name
    if not allowed:
        raise _bad_url("Nothing is posted to this address: it is not on the internet.")


def _bad_url(message: str) -> BadInputError:
    return BadInputError("bad_url", message)


def _check_events(events: Iterable[str] | None) -> None:
    if events is None:
        return
    if not events or not set(events) <= set(TYPES):
        raise BadInputError("bad_events", f"Events are {', '.join(TYPES)}; leave them out for all.")
