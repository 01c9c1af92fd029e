"""What follows a registration or a forgotten password: accounts and mails. Called by the API, which does not
wait."""

import time
from typing import Any

from chalice.app import Chalice

from videosite.accounts.followup import follow_up

app = Chalice(app_name="accounts")


@app.lambda_function()
def handler(event: dict[str, Any], _: object) -> dict[str, str]:
    """Takes {"do", …}; returns what was done."""
    return {"done": follow_up(event, time.time())}
