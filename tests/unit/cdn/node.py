"""Runs the CDN's functions under Node, as close to CloudFront's runtime as that comes."""

import json
import subprocess
from pathlib import Path
from typing import Any

from infra.node import NODE

SOURCES = Path(__file__).parents[3] / "infra" / "cdn"

_RUNNER = """
import { handler } from './function.mjs';
import { readFileSync } from 'node:fs';
const { nowMs, events } = JSON.parse(readFileSync(0, 'utf8'));
Date.now = () => nowMs;
const answers = [];
for (const event of events) { answers.push(await handler(event)); }
process.stdout.write(JSON.stringify(answers));
"""

_CLOUDFRONT = """
const keys = new Map(Object.entries(KEYS));
export default { kvs: () => ({ get: async (name) => {
  if (!keys.has(name)) { throw new Error('KeyNotFound'); }
  return keys.get(name);
} }) };
"""


def run(name: str, events: list[dict[str, Any]], folder: Path, keys: dict[str, str], now_s: int) -> list[Any]:
    """What `infra/cdn/{name}` answers to each viewer-request event.

    `folder` is an empty directory for the stand-in of the `cloudfront` module, whose key-value store
    holds `keys`.
    """
    module = folder / "node_modules" / "cloudfront"
    module.mkdir(parents=True)
    (module / "package.json").write_text('{"type": "module", "exports": "./index.js"}')
    (module / "index.js").write_text(_CLOUDFRONT.replace("KEYS", json.dumps(keys)))
    (folder / "function.mjs").write_text((SOURCES / name).read_text() + "\nexport { handler };\n")
    (folder / "run.mjs").write_text(_RUNNER)
    done = subprocess.run(
        [str(NODE), "run.mjs"],
        cwd=folder,
        input=json.dumps({"nowMs": now_s * 1000, "events": events}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    return answers


def request(uri: str, **query: str) -> dict[str, Any]:
    """A viewer-request event, as far as the functions look at it."""
    return {
        "version": "1.0",
        "context": {"eventType": "viewer-request"},
        "request": {
            "method": "GET",
            "uri": uri,
            "querystring": {name: {"value": value} for name, value in query.items()},
            "headers": {},
            "cookies": {},
        },
    }
