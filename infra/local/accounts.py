"""The first admin of a local stack."""

import json
import os
import secrets
import subprocess
import sys

from infra.local.deploy import STACK, DeployError, client
from infra.local.home import ROOT, Home, read_json, write_private
from infra.local.keys import KeyPair
from infra.local.ministack import REGION

EMAIL = "admin@videosite.local"


def seed_admin(home: Home, endpoint: str, root: KeyPair) -> None:
    """Have an admin whose address and password stand in the home's credentials file.

    Raises:
        DeployError: the account could not be made.
    """
    credentials = read_json(home.credentials)
    if not credentials.get("password"):
        credentials = {"email": EMAIL, "password": secrets.token_urlsafe(18)}
    write_private(home.credentials, json.dumps(credentials) + "\n")
    done = subprocess.run(
        [sys.executable, "-m", "infra.local.seed"],
        cwd=ROOT,
        env=function_environment(endpoint, root, "ApiFunction"),
        input=json.dumps(credentials),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DeployError(f"The admin account could not be made:\n{done.stderr.strip()[-2000:]}")


def function_name(endpoint: str, root: KeyPair, logical_id: str) -> str:
    """The physical name of a function of the template."""
    answer = client("cloudformation", endpoint, root).describe_stack_resource(
        StackName=STACK, LogicalResourceId=logical_id
    )
    return str(answer["StackResourceDetail"]["PhysicalResourceId"])


def function_environment(endpoint: str, root: KeyPair, logical_id: str) -> dict[str, str]:
    """A function's environment, with the root's keys: for running our code beside the stack."""
    functions = client("lambda", endpoint, root)
    answer = functions.get_function_configuration(FunctionName=function_name(endpoint, root, logical_id))
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        **answer["Environment"]["Variables"],
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": root.access_key,
        "AWS_SECRET_ACCESS_KEY": root.secret_key,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
