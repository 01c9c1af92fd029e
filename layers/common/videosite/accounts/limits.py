"""Token buckets in a table: so many at once, then one every so often. GCRA, so a bucket is one number.

A bucket knows when it will be full again. Taking from it pushes that time back by one interval; it is empty
when that would be further away than `burst` intervals. Each take is one conditional write, or two when the
bucket is in use, and needs no read.
"""

import ipaddress
from dataclasses import dataclass

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from videosite.errors import TooManyError
from videosite.store.tables import Limit
from videosite.store.transactions import applied


@dataclass(frozen=True)
class Rate:
    """`burst` at once, and one more every `interval_s`."""

    burst: int
    interval_s: float


def take(bucket: str, rate: Rate, now_s: float) -> None:
    """Take one from a bucket.

    Raises:
        TooManyError: `rate_limited`, with when to come again.
    """
    row = Limit(bucket)
    full = Limit.bucket.does_not_exist() | (Limit.full_at_s <= now_s)
    if _put(row, now_s + rate.interval_s, full, rate):
        return
    latest_s = now_s + (rate.burst - 1) * rate.interval_s
    in_use = (Limit.full_at_s > now_s) & (Limit.full_at_s <= latest_s)
    actions: list[Action] = [
        Limit.full_at_s.add(rate.interval_s),
        Limit.expires_at_s.set(_expiry_s(now_s, rate)),
    ]
    if applied(lambda: row.update(actions, condition=in_use)):
        return
    try:
        full_at_s = Limit.get(bucket, consistent_read=True).full_at_s
    except Limit.DoesNotExist:
        full_at_s = latest_s
    raise limited(max(full_at_s - latest_s, 0.0))


def give_back(bucket: str, rate: Rate) -> None:
    """Undo a take: it was no attempt of the kind that is limited."""
    row = Limit(bucket)
    applied(lambda: row.update([Limit.full_at_s.add(-rate.interval_s)], condition=Limit.bucket.exists()))


def network_of(address: str) -> str:
    """What an address is counted as: itself, of IPv6 its /64, which one household or machine has whole."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def limited(retry_after_s: float) -> TooManyError:
    """What somebody hears who asks too often."""
    return TooManyError("rate_limited", "Too many requests; come again later.", retry_after_s)


def _put(row: Limit, full_at_s: float, condition: Condition, rate: Rate) -> bool:
    row.full_at_s = full_at_s
    row.expires_at_s = _expiry_s(full_at_s, rate)
    return applied(lambda: row.save(condition=condition))


def _expiry_s(now_s: float, rate: Rate) -> float:
    """When the row can go: the bucket is full by then, whatever happens."""
    return now_s + rate.burst * rate.interval_s + 60
