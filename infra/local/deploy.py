"""Deploys the very same template to MiniStack with the SAM CLI, and what CloudFormation there drops."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Callable

import boto3

from infra import build
from infra.build import BUILD, ROOT
from infra.local import environments
from infra.local.state import State

STACK = "videosite"
TTL_TABLES = ("sessions", "connections", "subscriptions", "messages")
"""Tables whose rows expire; MiniStack drops TimeToLiveSpecification, so it is set by call."""


class DeployError(RuntimeError):
    """`sam deploy` failed; the message ends with what it said."""


def parameters(state: State) -> dict[str, str]:
    """What only this machine knows: endpoints, keys and where the binaries are."""
    cores = os.cpu_count() or 2
    values = {
        "StageName": "local",
        "Architecture": build.host_arch(),
        "PublicUrl": state.public_url,
        "CorsOrigins": f"http://127.0.0.1:{state.port}",
        "SocketsEndpoint": f"{state.ministack_url}/_aws/execute-api/{STACK}-ws/live",
        "FfmpegPath": str(BUILD / "bin/ffmpeg"),
        "FfprobePath": str(BUILD / "bin/ffprobe"),
        "LeaseSeconds": str(state.lease_s),
        "Window": str(max(4, cores * 2)),
        "UrgentConcurrency": "2",
        "BulkConcurrency": str(max(2, cores)),
        "StoragePathStyle": "true",
        "StoragePublicEndpoint": state.storage_url,
    }
    if state.storage == "seaweedfs":
        values |= {
            "StorageEndpoint": state.storage_url,
            "StorageAccessKey": state.keys["functions_id"],
            "StorageSecretKey": state.keys["functions_secret"],
        }
    return values


def fingerprint(state: State) -> str:
    """Changes when a deployment would change something."""
    parts = [build.fingerprint(), (ROOT / "template.yaml").read_text(), json.dumps(parameters(state))]
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def deploy(state: State, say: Callable[[str], None] = lambda _: None) -> None:
    """Run `sam deploy`, keep the stack's outputs in the state, set expiry on tables.

    Raises:
        DeployError: SAM or CloudFormation refused.
    """
    binaries = environments.ensure("sam", say)
    say("deploying the template")
    overrides = [f"{key}={value}" for key, value in parameters(state).items()]
    environment = {
        **os.environ,
        **state.root_environment(),
        "SAM_CLI_TELEMETRY": "0",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    done = subprocess.run(
        [str(binaries / "sam"), "deploy", "--config-env", "local", "--parameter-overrides", *overrides],
        cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
    )  # fmt: skip
    (state.folder("logs") / "deploy.log").write_text(done.stdout + done.stderr)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise DeployError(f"Deploying failed; all it said is in {state.home}/logs/deploy.log:\n{said}")
    state.outputs = _outputs(state)
    _set_expiry(state)
    state.deployed = fingerprint(state)
    state.save()


def session(state: State) -> boto3.Session:
    """A boto3 session as MiniStack's root."""
    return boto3.Session(state.keys["root_id"], state.keys["root_secret"], region_name="us-east-1")


def _outputs(state: State) -> dict[str, str]:
    client = session(state).client("cloudformation", endpoint_url=state.ministack_url)
    (stack,) = client.describe_stacks(StackName=STACK)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def _set_expiry(state: State) -> None:
    client = session(state).client("dynamodb", endpoint_url=state.ministack_url)
    for table in TTL_TABLES:
        name = f"{STACK}-{table}"
        described = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        if described.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
            client.update_time_to_live(
                TableName=name, TimeToLiveSpecification={"AttributeName": "expires_at_s", "Enabled": True}
            )


def secret(state: State, output: str) -> str:
    """Value of a secret whose ARN is one of the stack's outputs."""
    client = session(state).client("secretsmanager", endpoint_url=state.ministack_url)
    return client.get_secret_value(SecretId=state.outputs[output])["SecretString"]
