import json
from pathlib import Path
from typing import Any

from tests.unit.cdn import node

DOCUMENT: dict[str, Any] = json.loads((Path(__file__).parents[1] / "media_token_vectors.json").read_text())
GOOD = DOCUMENT["vectors"][0]


def run(uris: list[str], folder: Path, keys: dict[str, str] | None = None) -> list[Any]:
    events = [node.request(uri) for uri in uris]
    keys = {"media": DOCUMENT["secret"]} if keys is None else keys
    return node.run("media_token.js", events, folder, keys, DOCUMENT["now_s"])


def outcome(answer: dict[str, Any]) -> str:
    return json.loads(answer["body"])["code"] if "statusCode" in answer else "ok"


def test_the_edge_decides_as_the_api_does(tmp_path: Path) -> None:
    vectors = DOCUMENT["vectors"]
    answers = run([f"/m/{v['token']}/{v['path']}" for v in vectors], tmp_path)
    wrong = [v["name"] for v, a in zip(vectors, answers, strict=True) if outcome(a) != v["result"]]
    assert not wrong


def test_the_token_leaves_the_path(tmp_path: Path) -> None:
    (answer,) = run([f"/m/{GOOD['token']}/{GOOD['path']}"], tmp_path)
    assert answer["uri"] == f"/{GOOD['path']}"


def test_a_refusal_is_a_problem_document_no_cache_keeps(tmp_path: Path) -> None:
    (answer,) = run(["/m/nothing"], tmp_path)
    assert answer["statusCode"] == 403
    assert answer["headers"]["content-type"]["value"] == "application/problem+json"
    assert answer["headers"]["cache-control"]["value"] == "no-store"
    assert set(json.loads(answer["body"])) == {"type", "title", "status", "detail", "code"}


def test_without_its_key_the_edge_lets_nothing_through(tmp_path: Path) -> None:
    (answer,) = run([f"/m/{GOOD['token']}/{GOOD['path']}"], tmp_path, keys={})
    assert answer["statusCode"] == 503
    assert outcome(answer) == "no_media_key"
