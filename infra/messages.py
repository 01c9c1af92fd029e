"""Writes what follows from the models of the sockets' messages: `python -m infra.messages`.

- `web/packages/realtime/src/messages.ts`, the client's types;
- the tables of docs/features/websocket-notifications.md.

The models are the source (`videosite.realtime.messages` and `requests`), and a test finds them apart from
what was written.
"""

import json
import re
import subprocess
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic import ConfigDict, TypeAdapter

from infra.build import ROOT
from infra.node import WEB, command
from videosite.realtime import messages, requests
from videosite.web.schemas.transcodes import RenditionStatus

TYPES = WEB / "packages/realtime/src/messages.ts"
PAGE = ROOT / "docs/features/websocket-notifications.md"
BEGIN, END = "<!-- formats: python -m infra.messages -->\n", "<!-- end of formats -->"
BANNER = "// Made by `python -m infra.messages` from the server's models: change those."

STORED = [model.__name__ for model in get_args(messages.Stored)]
SERVER = [model.__name__ for model in get_args(messages.Frame)]
CLIENT = [model.__name__ for model in get_args(requests.Request)]
RENAMED = {"Error": "ErrorMessage"}
"""`Error` means something in TypeScript."""

_SHAPES = {"AddressedMessage": "stored message", "RenditionStatus": "rendition"}
"""How the documentation speaks of what is described elsewhere."""
_LEFT_OUT = ("title", "examples", "properties")

Schema = dict[str, Any]


def definitions() -> dict[str, Schema]:
    """JSON Schema of each message as it is sent, by name: those of the server, then the client's."""
    models = [*get_args(messages.Frame), messages.Addressed, *get_args(requests.Request)]
    for model in models:
        model.__pydantic_config__ = ConfigDict(use_attribute_docstrings=True)
    adapters: Any = [(model, "serialization", TypeAdapter(model)) for model in [*models, RenditionStatus]]
    found: dict[str, Schema] = TypeAdapter.json_schemas(adapters)[1]["$defs"]
    address = found.pop("Addressed")
    for name in STORED:
        found[name]["properties"] |= address["properties"]
        found[name]["required"] += address["required"]
    # Plain dictionaries on the way, of known shapes.
    found["TranscodeProgress"]["properties"]["renditions"]["items"] = _reference("RenditionStatus")
    found["Resumed"]["properties"]["messages"]["items"] = _reference("AddressedMessage")
    rest = sorted(set(found) - {*SERVER, *CLIENT})
    return {name: _plain(found[name]) for name in [*SERVER, *CLIENT, *rest]}


def typescript() -> str:
    """The client's types."""
    unions = {"ServerMessage": SERVER, "AddressedMessage": STORED, "ClientRequest": CLIENT}
    schema = {
        "$defs": {RENAMED.get(name, name): value for name, value in definitions().items()}
        | {name: {"anyOf": [_reference(RENAMED.get(one, one)) for one in of]} for name, of in unions.items()}
    }
    script = WEB / "node_modules/json-schema-to-typescript/dist/src/cli.js"
    options = ("--unreachableDefinitions", "--no-additionalProperties", "--bannerComment", BANNER)
    done = subprocess.run(
        command("node", str(script), *options),
        input=json.dumps(schema),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"json-schema-to-typescript: {done.stderr}")
    kinds = ", ".join(f'"{definitions()[name]["properties"]["type"]["const"]}"' for name in SERVER)
    constant = f"/** Every `type` a server sends. */\nexport const KINDS = [{kinds}] as const;\n"
    return f"{_without_remarks(done.stdout)}\n{constant}"


def tables() -> str:
    """The documentation's tables, a heading each."""
    found = definitions()
    parts = ["### What the server sends\n", *_tables(SERVER, found, "type")]
    return "\n".join([*parts, "### What a client sends\n", *_tables(CLIENT, found, "action")])


def with_tables(page: str) -> str:
    """A page with the tables between its marks.

    Raises:
        ValueError: it has no marks.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("no marks for the tables")
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


def _tables(names: Iterable[str], found: Mapping[str, Schema], key: str) -> Iterable[str]:
    for name in names:
        schema = found[name]
        yield f"#### `{schema['properties'][key]['const']}`\n"
        yield f"{_sentence(schema['description'])}\n"
        rows = [
            f"| `{field}`{'' if field in schema.get('required', ()) else ' (may be absent)'} "
            f"| {_type(value)} | {_sentence(value.get('description', ''))} |".replace("|  |", "| |")
            for field, value in schema["properties"].items()
            if field != key
        ]
        if rows:
            yield "\n".join(["| field | type | |", "|---|---|---|", *rows]) + "\n"


def _type(schema: Schema) -> str:
    if "anyOf" in schema:
        return " or ".join(map(_type, schema["anyOf"]))
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _SHAPES[name]
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if schema["type"] == "array":
        return f"list of {_type(schema['items'])}"
    if schema["type"] == "object":
        return f"object of {_type(schema['additionalProperties'])}"
    return str(schema["type"])


def _sentence(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _reference(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _plain(schema: Any) -> Any:
    """Without titles and examples, from which the generator would make types and comments of their own."""
    if isinstance(schema, dict):
        properties = schema.get("properties", {})
        rest = {
            key: _plain(value)
            for key, value in schema.items()
            if key not in ("title", "examples", "properties")
        }
        named = {name: _plain(value) for name, value in properties.items()}
        return rest | ({"properties": named} if properties else {})
    return [_plain(one) for one in schema] if isinstance(schema, list) else schema


def _without_remarks(text: str) -> str:
    """Without the generator's remarks on where a type was found, and the comments these leave empty."""
    text = re.sub(r"^ \* (This interface was referenced by|via the `definition`).*\n", "", text, flags=re.M)
    return text.replace("\n *\n */", "\n */").replace("/**\n */\n", "")


if __name__ == "__main__":
    TYPES.write_text(typescript())
    PAGE.write_text(with_tables(PAGE.read_text()))
