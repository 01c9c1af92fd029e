"""`sam deploy` of the template, and what MiniStack leaves out of it."""

import contextlib
import hashlib
import json
import os
import re
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.build import fingerprint
from infra.local.home import ROOT, Home, write_private
from infra.local.keys import KeyPair
from infra.local.ministack import ACCOUNT, REGION
from infra.template import load_template

STACK = "videosite"
UPLOADS = f"{STACK}-uploads-{ACCOUNT}"
MEDIA = f"{STACK}-media-{ACCOUNT}"
"""Bucket names as the template makes them."""
MAIL_FROM = "videosite@localhost"
DEPLOYED = ("CREATE_COMPLETE", "UPDATE_COMPLETE")


class DeployError(RuntimeError):
    """`sam deploy` failed; the message ends with what it said last."""


def client(service: str, endpoint: str, pair: KeyPair) -> Any:
    """A client of one service at an endpoint."""
    session: Any = boto3.Session(pair.access_key, pair.secret_key, region_name=REGION)
    config = Config(retries={"mode": "standard", "max_attempts": 3}, read_timeout=120)
    return session.client(service, endpoint_url=endpoint, config=config)


def wanted(parameters: Mapping[str, str]) -> str:
    """Fingerprint of a deployment: the template, what was built, and the parameters."""
    digest = hashlib.sha256((ROOT / "template.yaml").read_bytes())
    digest.update((ROOT / "samconfig.toml").read_bytes())
    digest.update(fingerprint().encode())
    digest.update(json.dumps(sorted(parameters.items())).encode())
    return digest.hexdigest()


def outputs(endpoint: str, pair: KeyPair) -> dict[str, str] | None:
    """The outputs of the deployed stack, or None if it is not there or not whole."""
    try:
        answer = client("cloudformation", endpoint, pair).describe_stacks(StackName=STACK)
    except ClientError:
        return None
    stack = answer["Stacks"][0]
    if stack["StackStatus"] not in DEPLOYED:
        return None
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def sam_deploy(
    python: Path,
    home: Home,
    endpoint: str,
    pair: KeyPair,
    parameters: Mapping[str, str],
    profile: str = "local",
) -> None:
    """Deploy `template.yaml` to an endpoint.

    Args:
        python: the Python of the environment SAM is in.
        home: gets SAM's configuration and its log.
        endpoint: where AWS is.
        pair: as whom.
        parameters: of the template; secrets among them go through a private file, not the command line.
        profile: section of samconfig.toml.

    Raises:
        DeployError: with SAM's last lines.
    """
    configuration = home.folder / "samconfig.toml"
    write_private(configuration, _configuration(profile, parameters))
    argv = [
        str(python), "-m", "samcli", "deploy",
        "--config-file", str(configuration), "--config-env", profile,
        "--template-file", str(ROOT / "template.yaml"),
    ]  # fmt: skip
    env = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home.folder),
        "LANG": "C.UTF-8",
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "0.5",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": pair.access_key,
        "AWS_SECRET_ACCESS_KEY": pair.secret_key,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        argv, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    log = home.log("sam")
    write_private(log, done.stdout + done.stderr)
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise DeployError(f"sam deploy failed (all of it: {log}):\n{last}")


def _configuration(profile: str, parameters: Mapping[str, str]) -> str:
    """samconfig.toml's section for a profile, with the parameters only this machine knows."""
    section = tomllib.loads((ROOT / "samconfig.toml").read_text())[profile]["deploy"]["parameters"]
    pairs = [f'{name}="{value}"' for name, value in parameters.items() if value]
    values = {**section, "parameter_overrides": " ".join(pairs)}
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    return "\n".join(["version = 0.1", "", f"[{profile}.deploy.parameters]", *lines, ""])


def set_expiry(endpoint: str, pair: KeyPair) -> None:
    """Switch expiry on for the tables whose template says so: MiniStack drops it (measured, 1.5.33)."""
    tables = client("dynamodb", endpoint, pair)
    for resource in load_template()["Resources"].values():
        rule = resource.get("Properties", {}).get("TimeToLiveSpecification")
        if not rule:
            continue
        name = re.sub(r"\$\{AWS::StackName\}", STACK, resource["Properties"]["TableName"]["Fn::Sub"])
        status = tables.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"]
        if status not in ("ENABLED", "ENABLING"):
            tables.update_time_to_live(TableName=name, TimeToLiveSpecification=rule)


def allow_mail(endpoint: str, pair: KeyPair, sender: str) -> None:
    """Let functions send mails from an address: MiniStack, as SES, takes verified ones only."""
    client("sesv2", endpoint, pair).create_email_identity(EmailIdentity=sender)


def number_concurrency(endpoint: str, pair: KeyPair) -> None:
    """Make the queues' MaximumConcurrency numbers: from a parameter MiniStack takes it as text.

    Its poller then compares text with numbers and delivers nothing (measured, 1.5.33).
    """
    functions = client("lambda", endpoint, pair)
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        limit = mapping.get("ScalingConfig", {}).get("MaximumConcurrency")
        if limit:  # botocore has made a number of it already, so the text cannot be told here
            functions.update_event_source_mapping(
                UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": int(limit)}
            )


def secret(endpoint: str, pair: KeyPair, arn: str) -> str:
    """The text of a secret."""
    return str(client("secretsmanager", endpoint, pair).get_secret_value(SecretId=arn)["SecretString"])


def make_reader(endpoint: str, pair: KeyPair, bucket: str) -> KeyPair:
    """A key that may read a bucket's objects and nothing else: an IAM user's, made anew."""
    iam = client("iam", endpoint, pair)
    name = f"{STACK}-media-reader"
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_user(UserName=name)
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    iam.put_user_policy(UserName=name, PolicyName="read-media", PolicyDocument=json.dumps(policy))
    for old in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=old["AccessKeyId"])
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return KeyPair(key["AccessKeyId"], key["SecretAccessKey"])
