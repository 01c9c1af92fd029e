"""What is asked of an AWS account and of the parameters before a deployment."""

from collections.abc import Iterator, Mapping
from typing import Any

from infra.template import load_template

FOR_OTHERS = 50
"""Functions at once that the queues must leave to the API, the sockets and the streams."""


def wanted(parameters: Mapping[str, str]) -> int:
    """How many functions the queues may run at once, by the deployment's parameters."""
    template = load_template()
    return sum(
        int(parameters.get(name, template["Parameters"][name]["Default"]))
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Lambda::EventSourceMapping"
        for name in [resource["Properties"].get("ScalingConfig", {}).get("MaximumConcurrency", {}).get("Ref")]
        if name
    )


def concurrency_limit(functions: Any) -> int:
    """How many functions an account may run at once in a region; `functions` is Lambda's client there."""
    return int(functions.get_account_settings()["AccountLimit"]["ConcurrentExecutions"])


def refusal(limit: int, parameters: Mapping[str, str]) -> str | None:
    """Why a deployment would leave no room for the API, and what to do; None: there is room."""
    most = wanted(parameters)
    if most + FOR_OTHERS <= limit:
        return None
    enough = max(1000, most + FOR_OTHERS)
    return (
        f"The account may run {limit} functions at once in this region; the queues alone would take {most}, "
        f"and {FOR_OTHERS} are for the API, the sockets and the streams.\n"
        "Either ask AWS for more (Service Quotas, AWS Lambda, Concurrent executions), for instance so:\n"
        f'  "Please raise Concurrent executions to {enough}: we transcode videos in parallel functions."\n'
        "Or set smaller BulkConcurrency and UrgentConcurrency among parameter_overrides in samconfig.toml."
    )


def advice(parameters: Mapping[str, str]) -> Iterator[str]:
    """What was left out and will be missed."""
    if not parameters.get("AlarmEmail"):
        yield "AlarmEmail is empty: nobody hears the alarms."
    if not parameters.get("MailFrom"):
        yield "MailFrom is empty: no mails are sent, and people's addresses are believed."
