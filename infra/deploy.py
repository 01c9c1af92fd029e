"""`python -m infra.deploy --config-env dev`: deploys to AWS, as `make deploy` does after building.

Uses the AWS credentials of the environment. Afterwards the CDN gets its copy of the media secret, and the
console's bucket its files.
"""

import argparse
import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra import account
from infra.build import ROOT
from infra.cdn import put_console, put_key
from infra.local.deploy import wanted
from infra.local.environments import python_of


def main(given: list[str]) -> int:
    """Run `sam deploy` with a profile of samconfig.toml; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.deploy", description=__doc__)
    parser.add_argument("--config-env", default="dev", help="section of samconfig.toml")
    parser.add_argument("--arch", default="x86_64", choices=("x86_64", "arm64"), help="as built")
    arguments = parser.parse_args(given)
    sam = python_of("sam")
    command = [
        str(sam), "-m", "samcli", "deploy", "--template-file", "template.yaml",
        "--config-env", arguments.config_env,
    ]  # fmt: skip
    profile = profile_of(arguments.config_env)
    # The command line's parameters replace the file's, so these are repeated.
    overrides = profile.get("parameter_overrides", "").split()
    overrides.append(f"Architecture={arguments.arch}")
    parameters = dict(pair.split("=", 1) for pair in overrides)
    if not _has_room(profile["region"], parameters):
        return 1
    command += ["--parameter-overrides", *overrides, f"ApiRelease={wanted(parameters)}"]
    environment = {**os.environ, "SAM_CLI_TELEMETRY": "0"}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    where = [profile["stack_name"], "--region", profile["region"]]
    return done.returncode or put_key.main(where) or put_console.main(where)


def _has_room(region: str, parameters: Mapping[str, str]) -> bool:
    for line in account.advice(parameters):
        print(f"Note: {line}", file=sys.stderr)
    try:
        limit = account.concurrency_limit(boto3.client("lambda", region_name=region))
    except (BotoCoreError, ClientError) as error:
        print(f"Note: how many functions may run at once could not be asked: {error}", file=sys.stderr)
        return True
    refusal = account.refusal(limit, parameters)
    if refusal:
        print(refusal, file=sys.stderr)
    return refusal is None


def profile_of(name: str) -> dict[str, Any]:
    """The parameters of a profile of samconfig.toml."""
    profiles = tomllib.loads((ROOT / "samconfig.toml").read_text())
    return dict(profiles[name]["deploy"]["parameters"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
