"""Schedule → what was lost is found and set going again."""

from chalice import Chalice
from chalice.app import CloudWatchEvent

from videosite.pipeline.housekeep import sweep

app = Chalice(app_name="housekeeping")


@app.schedule("rate(1 minute)")
def handler(_: CloudWatchEvent) -> dict[str, int]:
    """Returns how many tasks, jobs and uploads were revived."""
    return sweep()
