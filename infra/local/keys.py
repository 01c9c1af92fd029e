"""The keys a local stack makes for itself at its first start: random, private to its owner."""

import json
import secrets
from dataclasses import asdict, dataclass

from infra.local.home import Home, read_json, write_private


@dataclass(frozen=True)
class KeyPair:
    """An access key and its secret, in AWS's shapes."""

    access_key: str
    secret_key: str


@dataclass(frozen=True)
class Keys:
    """Who may do what on a local stack."""

    root: KeyPair
    """MiniStack's root: deploying, seeding, tests."""
    storage_admin: KeyPair
    """SeaweedFS: makes buckets."""
    storage_functions: KeyPair
    """SeaweedFS: reads and writes both buckets."""
    storage_reader: KeyPair
    """SeaweedFS: reads the media bucket, for the proxy."""
    jwt: tuple[str, str, str, str]
    """SeaweedFS signs its inner calls with these; without them its filer answers anybody."""


def _pair() -> KeyPair:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    return KeyPair("AKIA" + "".join(secrets.choice(alphabet) for _ in range(16)), secrets.token_hex(20))


def load_keys(home: Home) -> Keys:
    """The home's keys, made at the first call."""
    values = read_json(home.keys)
    try:
        pairs = {
            name: KeyPair(**values[name])
            for name in ("root", "storage_admin", "storage_functions", "storage_reader")
        }
        first, second, third, fourth = values["jwt"]
        return Keys(**pairs, jwt=(first, second, third, fourth))
    except (KeyError, TypeError, ValueError):
        pass
    keys = Keys(
        _pair(), _pair(), _pair(), _pair(),
        (secrets.token_hex(32), secrets.token_hex(32), secrets.token_hex(32), secrets.token_hex(32)),
    )  # fmt: skip
    write_private(home.keys, json.dumps(asdict(keys)))
    return keys
