"""Schedule → what was lost is found and set going again."""

from chalice import Chalice
from chalice.app import CloudWatchEvent

from videosite.housekeeping.sweep import sweep

app = Chalice(app_name="housekeeping")


@app.schedule("rate(1 minute)")
def handler(_: CloudWatchEvent) -> dict[str, int]:
    """Returns how many of each kind were repaired."""
    return sweep()
