"""The console's addresses, headers and files: on the local address as behind CloudFront."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.cdn.put_console import KEPT, put_console
from infra.local.console import cache_control, content_type, file_of
from infra.template import load_template
from infra.web import POLICY
from tests.conftest import kept_client
from tests.unit.cdn import node

ADDRESSES: dict[str, str] = json.loads((Path(__file__).parents[1] / "console_paths.json").read_text())


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_local_proxy_finds_the_file(address: str) -> None:
    assert file_of(address) == ADDRESSES[address]


def test_cloudfront_finds_the_same(tmp_path: Path) -> None:
    answers = node.run("console_paths.js", [node.request(one) for one in ADDRESSES], tmp_path, {}, 0)
    assert [answer["uri"] for answer in answers] == list(ADDRESSES.values())


def test_the_template_has_the_same_policy() -> None:
    headers = load_template()["Resources"]["ConsoleHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    policy = headers["SecurityHeadersConfig"]["ContentSecurityPolicy"]
    text, values = policy["ContentSecurityPolicy"]["Fn::Sub"]
    assert text.replace("${Storage}", "STORAGE") == POLICY
    assert list(values) == ["Storage"]


def test_scripts_come_from_here_and_are_never_written_into_the_page() -> None:
    rules = dict(rule.split(" ", 1) for rule in POLICY.split("; "))
    assert rules["default-src"] == rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert rules["script-src"] == "'self'"


def test_assets_are_kept_and_the_page_is_asked_for() -> None:
    assert "immutable" in cache_control("/assets/a.js")
    assert cache_control("/index.html") == cache_control("/icon.svg") == "no-cache"
    assert content_type("/assets/a.js") == "text/javascript"
    assert content_type("/icon.svg") == "image/svg+xml"


@pytest.mark.usefixtures("aws")
def test_what_was_built_is_put_and_what_is_old_goes(tmp_path: Path) -> None:
    s3: Any = kept_client("s3")
    s3.create_bucket(Bucket="console")
    s3.put_object(Bucket="console", Key="assets/old.js", Body=b"old")
    for file in ("index.html", "assets/a.js", ".vite/manifest.json"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(file)
    now = datetime.now(UTC)
    assert put_console(tmp_path, "console", s3, now) == (2, 0)
    page = s3.get_object(Bucket="console", Key="index.html")
    assert (page["ContentType"], page["CacheControl"]) == ("text/html", "no-cache")
    assert put_console(tmp_path, "console", s3, now + KEPT + timedelta(minutes=1)) == (2, 1)
    assert {found["Key"] for found in s3.list_objects_v2(Bucket="console")["Contents"]} == {
        "index.html",
        "assets/a.js",
    }
