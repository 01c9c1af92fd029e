"""Runs SeaweedFS for the objects: a real S3-compatible store with its own endpoint and keys."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from infra.local import processes
from infra.local.state import State

START_S = 60
STOP_S = 20
BUCKETS = ("videosite-uploads-000000000000", "videosite-media-000000000000")
"""Named as the template names them in MiniStack's account."""
CORS = {
    "CORSRules": [
        {
            "AllowedMethods": ["GET", "HEAD", "POST", "PUT"],
            "AllowedOrigins": ["*"],
            "AllowedHeaders": ["*"],
            "ExposeHeaders": ["ETag"],
            "MaxAgeSeconds": 3600,
        }
    ]
}


def start(state: State, events_secret: str) -> None:
    """Start `weed mini`, wait until a real object can be read, and make the buckets.

    `events_secret`: bearer secret of the storage-events route its webhook reports to.
    """
    folder = state.folder("seaweedfs")
    _write_settings(state, folder, events_secret)
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "GOMEMLIMIT": "512MiB",
        "TMPDIR": str(folder),
        "WEED_JWT_SIGNING_KEY": state.keys["jwt"],
        "WEED_JWT_SIGNING_READ_KEY": state.keys["jwt_read"],
        "WEED_JWT_FILER_SIGNING_KEY": state.keys["filer_jwt"],
        "WEED_JWT_FILER_SIGNING_READ_KEY": state.keys["filer_jwt_read"],
    }
    processes.start(state, "seaweedfs", _argv(state, folder), environment, cwd=folder)
    processes.wait_until(state, "seaweedfs", lambda: _is_ready(state), START_S)


def stop(state: State) -> None:
    """Stop it; acknowledged objects are safe even without this."""
    processes.stop(state, "seaweedfs", STOP_S)


def _argv(state: State, folder: Path) -> list[str]:
    ports = state.ports
    data = folder / "data"
    data.mkdir(exist_ok=True)
    return [
        str(Path(sys.executable).parent / "weed"), "-logdir", str(folder), "-v", "0", "mini",
        f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
        f"-master.port={ports['master']}", f"-master.port.grpc={ports['master_grpc']}",
        f"-volume.port={ports['volume']}", f"-volume.port.grpc={ports['volume_grpc']}",
        f"-filer.port={ports['filer']}", f"-filer.port.grpc={ports['filer_grpc']}",
        f"-s3.port={ports['s3']}", f"-s3.port.grpc={ports['s3_grpc']}",
        f"-admin.port={ports['admin']}", f"-admin.port.grpc={ports['admin_grpc']}",
        f"-s3.config={folder / 'identities.json'}",
        "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.autoCreateBucket=false",
        "-s3.allowDeleteBucketNotEmpty=false", "-s3.iam=false",
        "-master.telemetry=false", "-admin.ui=false", "-webdav=false",
        "-master.volumeSizeLimitMB=1024",
    ]  # fmt: skip


def _write_settings(state: State, folder: Path, events_secret: str) -> None:
    identities = {
        "identities": [
            _identity(state, "functions", [f"{right}:{bucket}" for bucket in BUCKETS for right in _WORK]),
            _identity(state, "reader", [f"Read:{BUCKETS[1]}"]),
            _identity(state, "operator", ["Admin"]),
        ]
    }
    _write_private(folder / "identities.json", json.dumps(identities))
    _write_private(
        folder / "notification.toml",
        "[notification.webhook]\n"
        "enabled = true\n"
        f'endpoint = "http://127.0.0.1:{state.port}/api/v1/storage-events"\n'
        f'bearer_token = "{events_secret}"\n'
        "timeout_seconds = 5\n"
        "max_retries = 2\n"
        "backoff_seconds = 1\n"
        'event_types = ["create"]\n'
        f'path_prefixes = ["/buckets/{BUCKETS[0]}/uploads/"]\n',
    )


_WORK = ("Read", "Write", "List", "Tagging")


def _identity(state: State, name: str, actions: list[str]) -> dict[str, object]:
    credential = {"accessKey": state.keys[f"{name}_id"], "secretKey": state.keys[f"{name}_secret"]}
    return {"name": name, "credentials": [credential], "actions": actions}


def _write_private(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as output:
        output.write(text)


def _is_ready(state: State) -> bool:
    """Ready when a real object can be written and read; listing buckets answers too early."""
    client = boto3.client(
        "s3",
        endpoint_url=state.storage_url,
        region_name="us-east-1",
        aws_access_key_id=state.keys["operator_id"],
        aws_secret_access_key=state.keys["operator_secret"],
        config=Config(
            connect_timeout=1, read_timeout=5, retries={"max_attempts": 1}, s3={"addressing_style": "path"}
        ),
    )
    try:
        existing = {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}
        for bucket in BUCKETS:
            if bucket not in existing:
                client.create_bucket(Bucket=bucket)
                client.put_bucket_cors(Bucket=bucket, CORSConfiguration=CORS)  # type: ignore[arg-type]
        client.put_object(Bucket=BUCKETS[1], Key="ready", Body=b"ready")
        return client.get_object(Bucket=BUCKETS[1], Key="ready")["Body"].read() == b"ready"
    except (BotoCoreError, ClientError):
        return False
