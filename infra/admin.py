"""`python -m infra.admin EMAIL --config-env prod`: makes an admin of a stack on AWS, as `make admin` does.

Writes into the stack's users and audit tables with the AWS credentials of the environment (it takes
`dynamodb:DescribeTable` on the first and `dynamodb:PutItem` on both), since nobody can sign in before the
first admin.
"""

import argparse
import getpass
import os
import secrets
import sys

from botocore.exceptions import BotoCoreError
from pynamodb.exceptions import PynamoDBException

from infra.deploy import profile_of
from videosite.accounts.users import create_user
from videosite.errors import PermanentError
from videosite.store.tables import User


def main(arguments: list[str]) -> int:
    """Make the account; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.admin", description=__doc__)
    parser.add_argument("email", help="the admin's address")
    parser.add_argument("--config-env", default="dev", help="section of samconfig.toml with stack and region")
    parser.add_argument("--stack", help="name of the stack (default: the section's)")
    parser.add_argument("--region", help="where it is (default: the section's)")
    parser.add_argument("--ask", action="store_true", help="ask for the password instead of making one up")
    parsed = parser.parse_args(arguments)
    profile = profile_of(parsed.config_env)
    stack = parsed.stack or profile["stack_name"]
    os.environ["VIDEOSITE_TABLE_PREFIX"] = f"{stack}-"
    os.environ["AWS_DEFAULT_REGION"] = parsed.region or profile["region"]
    try:
        if not User.exists():
            print(f"There is no stack {stack} in {os.environ['AWS_DEFAULT_REGION']}.", file=sys.stderr)
            return 1
        password = getpass.getpass("Password: ") if parsed.ask else secrets.token_urlsafe(15)
        user = create_user(parsed.email, password, "admin")
    except PermanentError as error:
        print(error.message, file=sys.stderr)
        return 1
    except (BotoCoreError, PynamoDBException) as error:
        print(f"The account was not made: {error}", file=sys.stderr)
        return 1
    print(f"Made {user.email}, role admin, of stack {stack}.")
    if not parsed.ask:
        print(f"Password, shown only here: {password}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
