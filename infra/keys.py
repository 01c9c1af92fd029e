"""`python -m infra.keys --config-env prod`: rotates the keys that sign access tokens, as `make keys` does.

A new key is added, which signs from twenty minutes later on, when every worker knows it; keys that sign
nothing any more are dropped. Nobody is signed out. With `--at-once` only the new key is left, for keys that
somebody else may have: workers go on taking old tokens for a quarter of an hour, or until they are deployed.

Uses the AWS credentials of the environment (`cloudformation:DescribeStacks`,
`secretsmanager:GetSecretValue`, `secretsmanager:PutSecretValue`).
"""

import argparse
import sys
import time
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.cdn.put_key import stack_outputs
from infra.deploy import profile_of
from videosite.accounts import keys

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def main(arguments: list[str]) -> int:
    """Rotate; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.keys", description=__doc__)
    parser.add_argument("--config-env", default="dev", help="section of samconfig.toml with stack and region")
    parser.add_argument("--stack", help="name of the stack (default: the section's)")
    parser.add_argument("--region", help="where it is (default: the section's)")
    parser.add_argument("--at-once", action="store_true", help="keep no old key: somebody else may have it")
    parsed = parser.parse_args(arguments)
    profile = profile_of(parsed.config_env)
    stack = parsed.stack or profile["stack_name"]
    session = boto3.Session(region_name=parsed.region or profile["region"])
    try:
        arn = stack_outputs(stack, session.client("cloudformation"))["TokenSecretArn"]
        secrets = session.client("secretsmanager")
        rotate(secrets, arn, time.time(), at_once=parsed.at_once)
    except (BotoCoreError, ClientError, KeyError) as error:
        print(f"The keys were not rotated: {error}", file=sys.stderr)
        return 1
    print("There is a new key. " + ("It signs now." if parsed.at_once else "It signs in twenty minutes."))
    return 0


def rotate(secrets: "SecretsManagerClient", arn: str, now_s: float, *, at_once: bool) -> None:
    """Replace the secret's text by the next one."""
    text = secrets.get_secret_value(SecretId=arn)["SecretString"]
    secrets.put_secret_value(SecretId=arn, SecretString=keys.rotate(text, now_s, at_once=at_once))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
