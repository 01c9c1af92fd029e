"""The CloudFront function of the API's paths."""

from pathlib import Path

from tests.unit.cdn import node
from tests.unit.cdn.test_socket_paths_function import event


def test_the_address_is_cloudfronts_word_not_the_viewers(tmp_path: Path) -> None:
    asked = event("/api/v1/auth/login")
    lied = event("/api/v1/auth/login")
    lied["request"]["headers"]["x-viewer-address"] = {"value": "127.0.0.1"}
    for answer in node.run("viewer_address.js", [asked, lied], tmp_path, {}, 0):
        assert answer["headers"].pop("x-viewer-address") == {"value": "203.0.113.9"}
        assert answer == asked["request"]
