"""Examples of every body and answer, put together from those of models and fields."""

from collections.abc import Iterator
from typing import Any

from videosite.web import schemas
from videosite.web.schemas.common import TIME

Schema = dict[str, Any]

_JSON = "application/json"


def add(document: Schema) -> None:
    """Give each JSON body and each good JSON answer of a description an example, unless it has one."""
    components: dict[str, Schema] = document["components"]["schemas"]
    _restore(components)
    for content in _contents(document):
        media = content.get(_JSON)
        if media is None or {"example", "examples"} & media.keys():
            continue
        # A route that gives nothing answers with JSON's null.
        media["schema"] = media["schema"] or {"type": "null"}
        media["example"] = sample(media["schema"], components)


def _restore(components: dict[str, Schema]) -> None:
    """Models' own examples: FastAPI leaves null out of all that it describes, out of examples too."""
    for module in vars(schemas).values():
        for name, model in vars(module).items() if hasattr(module, "__file__") else ():
            extra = getattr(model, "model_config", {}).get("json_schema_extra", {})
            if name in components and "examples" in extra:
                components[name]["examples"] = extra["examples"]


def _contents(document: Schema) -> Iterator[Schema]:
    for path in document["paths"].values():
        for operation in path.values():
            yield operation.get("requestBody", {}).get("content", {})
            for status, answer in operation["responses"].items():
                if status[0] == "2":
                    yield answer.get("content", {})


def sample(schema: Schema, components: dict[str, Schema]) -> Any:
    """A value that a schema allows: its own example, or one put together from its parts."""
    if "examples" in schema:
        return schema["examples"][0]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "$ref" in schema:
        return sample(components[schema["$ref"].rpartition("/")[2]], components)
    for choice in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        if choice.get("type") != "null":
            return sample(choice, components)
    return _of_type(schema, components)


def _of_type(schema: Schema, components: dict[str, Schema]) -> Any:
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            return {name: sample(value, components) for name, value in properties.items()}
        case "array":
            return [sample(schema["items"], components)]
        case "string":
            return TIME if schema.get("format") == "date-time" else "text"
        case "integer" | "number":
            return schema.get("minimum", 0)
        case "boolean":
            return False
        case "null":
            return None
    return {}
