"""`python -m infra.local.keeping rebuild|backup|restore`, with the environment of HousekeepingFunction.

Takes {"email", "folder"} on stdin: the admin to whom nobody's uploads go, and where a backup is. Steps go to
stderr, what came of it as one JSON object to stdout.
"""

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from infra.backup import BackupError, backup, restore
from videosite.accounts.users import find_by_email
from videosite.library.rebuild import rebuild


def main(verb: str, email: str, folder: Path) -> dict[str, Any]:
    """Do it; returns what came of it.

    Raises:
        BackupError: the folder is none of ours.
    """
    if verb == "backup":
        return dict(backup(folder, _say))
    admin = find_by_email(email)
    if admin is None:
        raise BackupError(f"There is no account {email} here.")
    if verb == "rebuild":
        return asdict(rebuild(admin, time.time()))
    put, rebuilt = restore(folder, admin, _say)
    return put | asdict(rebuilt)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    given = json.load(sys.stdin)
    try:
        print(json.dumps(main(sys.argv[1], given["email"], Path(given.get("folder", "")))))
    except BackupError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
