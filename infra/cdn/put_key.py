"""Puts the media secret into the CDN's key-value store: `python -m infra.cdn.put_key STACK`.

CloudFormation makes the store but cannot fill it. Run after each deploy; it writes only when the
store holds another value, and takes a few seconds to reach every edge.
"""

import argparse
import sys
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

KEY = "media"
"""What `infra/cdn/media_token.js` looks up."""


def stack_outputs(stack: str, cloudformation: Any) -> dict[str, str]:
    """A deployed stack's outputs by name."""
    (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}


def put_key(store_arn: str, secret: str, key_value_store: Any) -> bool:
    """Make the store hold `secret`. True: it had to be written."""
    try:
        if key_value_store.get_key(KvsARN=store_arn, Key=KEY)["Value"] == secret:
            return False
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
    version = key_value_store.describe_key_value_store(KvsARN=store_arn)["ETag"]
    key_value_store.put_key(KvsARN=store_arn, Key=KEY, Value=secret, IfMatch=version)
    return True


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.cdn.put_key", description=__doc__)
    parser.add_argument("stack", help="name of the deployed stack")
    parser.add_argument("--region", help="where it is (default: the environment's)")
    parsed = parser.parse_args(arguments)
    stack, session = parsed.stack, boto3.Session(region_name=parsed.region)
    try:
        outputs = stack_outputs(stack, session.client("cloudformation"))
        secrets = session.client("secretsmanager")
        secret = secrets.get_secret_value(SecretId=outputs["MediaSecretArn"])["SecretString"]
        # Signs with SigV4A, which botocore does through its `crt` extra only.
        store: Any = session.client("cloudfront-keyvaluestore")
        written = put_key(outputs["CdnKeyValueStoreArn"], secret, store)
    except KeyError as error:
        print(
            f"Stack {stack} has no output {error}; deploy this version of the template first.",
            file=sys.stderr,
        )
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"The media key was not put into the CDN: {error}", file=sys.stderr)
        return 1
    print("The CDN's media key was written." if written else "The CDN's media key was up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
