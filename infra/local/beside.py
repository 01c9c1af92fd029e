"""Running the platform's code beside a stack, on its tables and queues."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence

from infra.local.deploy import STACK, DeployError, client
from infra.local.home import ROOT
from infra.local.keys import KeyPair
from infra.local.ministack import REGION


def run_beside(
    module: str,
    endpoint: str,
    root: KeyPair,
    logical_id: str,
    stdin: str = "",
    arguments: Sequence[str] = (),
    say: Callable[[str], None] = lambda _: None,
) -> str:
    """Run `python -m module` with a function's environment and the root's keys; returns its stdout.

    `say` hears the lines of its stderr as they come.

    Raises:
        DeployError: it failed; the message ends with what it said last.
    """
    said: list[str] = []
    with tempfile.TemporaryFile("w+") as given, tempfile.TemporaryFile("w+") as written:
        given.write(stdin)
        given.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=function_environment(endpoint, root, logical_id),
            stdin=given,
            stdout=written,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            for line in process.stderr or ():
                said.append(line)
                say(line.rstrip())
        if process.returncode:
            raise DeployError(f"{module} failed:\n{''.join(said).strip()[-2000:]}")
        written.seek(0)
        return written.read()


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
