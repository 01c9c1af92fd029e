"""What AWS refuses or does by its documentation and no emulator shows, held against the template."""

from typing import Any

from infra.template import load_template

RESOURCES: dict[str, dict[str, Any]] = load_template()["Resources"]
DISTRIBUTION: dict[str, Any] = RESOURCES["Distribution"]["Properties"]["DistributionConfig"]

FORBIDDEN_ORIGIN_HEADERS = {
    "cache-control", "connection", "content-length", "cookie", "host", "if-match", "if-modified-since",
    "if-none-match", "if-range", "if-unmodified-since", "max-forwards", "pragma", "proxy-authorization",
    "proxy-connection", "range", "request-range", "te", "trailer", "transfer-encoding", "upgrade", "via",
    "x-real-ip",
}  # fmt: skip
FORBIDDEN_ORIGIN_PREFIXES = ("x-amz-", "x-edge-")
"""CloudFront's guide, "Custom headers that CloudFront can't add to origin requests"."""


def test_cloudfront_may_add_each_header_it_is_told_to() -> None:
    names = [
        header["HeaderName"].lower()
        for origin in DISTRIBUTION["Origins"]
        for header in origin.get("OriginCustomHeaders", [])
    ]
    assert names
    assert not FORBIDDEN_ORIGIN_HEADERS.intersection(names)
    assert not [name for name in names if name.startswith(FORBIDDEN_ORIGIN_PREFIXES)]
