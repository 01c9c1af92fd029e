"""Running the platform's code beside a stack, on its tables and queues."""

import os
import subprocess
import sys

from infra.local.deploy import STACK, DeployError, client
from infra.local.home import ROOT
from infra.local.keys import KeyPair
from infra.local.ministack import REGION


def run_beside(module: str, endpoint: str, root: KeyPair, logical_id: str, stdin: str = "") -> None:
    """Run `python -m module` with a function's environment and the root's keys.

    Raises:
        DeployError: it failed; the message ends with what it said last.
    """
    done = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=function_environment(endpoint, root, logical_id),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DeployError(f"{module} failed:\n{done.stderr.strip()[-2000:]}")


def function_name(endpoint: str, root: KeyPair, logical_id: str) -> str:
    """The physical name of a function of the template."""
    answer = client("cloudformation", endpoint, root).describe_stack_resource(
        StackName=STACK, LogicalResourceId=logical_id
    )
    return str(answer["StackResourceDetail"]["PhysicalResourceId"])


def function_environment(endpoint: str, root: KeyPair, logical_id: str) -> dict[str, str]:
    """A function's environment, with the root's keys."""
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
