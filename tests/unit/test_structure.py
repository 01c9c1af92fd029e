"""The shape of the project, held: handlers, imports, environment, sizes."""

import ast
import asyncio
import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
from chalice.app import Chalice

from infra.template import load_template
from tests.unit.reach import settings_read
from videosite.settings import environment_name
from videosite.store.tables import ALL_TABLES

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers/common/videosite"

MAY_IMPORT: dict[str, set[str]] = {
    "media": set(),
    "store": set(),
    "pipeline": {"media", "store"},
    "accounts": {"store"},
    "realtime": {"accounts", "pipeline", "media", "store"},
    "webhooks": {"accounts", "realtime", "pipeline", "store"},
    "library": {"accounts", "pipeline", "media", "store"},
    "housekeeping": {"library", "webhooks", "realtime", "pipeline", "media", "store"},
    "web": {"accounts", "library", "pipeline", "realtime", "webhooks", "media", "store"},
}
"""Imports between the domain package's folders; the modules beside them may be used by all."""


def functions() -> dict[str, dict[str, Any]]:
    """Properties of each function in the template, by logical id."""
    return {
        name: resource["Properties"]
        for name, resource in load_template()["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def load_app(folder: str) -> Any:
    """Import a function's app.py under a name of its own."""
    file = ROOT / "functions" / folder / "app.py"
    spec = importlib.util.spec_from_file_location(f"function_{folder}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", functions())
def test_each_handler_imports_and_is_what_it_should_be(name: str) -> None:
    properties = functions()[name]
    folder = Path(properties["CodeUri"]).name
    module_name, _, attribute = properties["Handler"].partition(".")
    assert module_name == "app"
    module = load_app(folder)
    handler = getattr(module, attribute)
    if folder == "api":
        from mangum import Mangum

        assert isinstance(handler, Mangum)
        asyncio.get_event_loop().close()
        asyncio.set_event_loop(None)
    else:
        assert isinstance(module.app, Chalice)
        assert attribute in module.app.handler_map
        assert module.app.handler_map[attribute] is handler


@pytest.mark.parametrize("file", sorted(ROOT.glob("functions/*/app.py")), ids=lambda file: file.parent.name)
def test_handlers_are_thin(file: Path) -> None:
    """At most 40 lines, and nothing but the domain package and third-party code imported."""
    text = file.read_text()
    code = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    assert len(code) <= 45
    assert "boto3" not in text
    assert "pynamodb" not in text


def imported(file: Path) -> set[str]:
    """Folders of the domain package a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = (
                [node.module] if node.module != "videosite" else [f"videosite.{a.name}" for a in node.names]
            )
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found |= {name.split(".")[1] for name in names if name.startswith("videosite.")}
    return {name for name in found if (PACKAGE / name).is_dir()}


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_imports_go_one_way(folder: str) -> None:
    for file in (PACKAGE / folder).rglob("*.py"):
        wrong = imported(file) - MAY_IMPORT[folder] - {folder}
        assert not wrong, f"{file.relative_to(ROOT)} imports {wrong}"


def test_every_folder_is_in_the_import_rules() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(MAY_IMPORT)


def test_only_the_store_and_its_users_know_aws() -> None:
    for file in PACKAGE.rglob("*.py"):
        if file.parent.name != "store":
            assert not re.search(r"^\s*(import|from) (boto3|botocore)", file.read_text(), re.M), file


def test_the_environment_is_read_in_one_place() -> None:
    for file in PACKAGE.rglob("*.py"):
        if file.name != "settings.py":
            assert "os.environ" not in file.read_text(), file
            assert "getenv" not in file.read_text(), file


LEFT_AT_DEFAULT = {"VIDEOSITE_MAX_ATTEMPTS"}
"""Settings that no parameter of the template changes."""


@pytest.mark.parametrize("name", functions())
def test_a_function_is_given_what_it_reads_and_nothing_else(name: str) -> None:
    """Keys of storage, for one, are only where storage is used."""
    properties = functions()[name]
    given = set(load_template()["Globals"]["Function"]["Environment"]["Variables"])
    given |= set(properties.get("Environment", {}).get("Variables", {}))
    handler = properties["Handler"].removeprefix("app.")
    fields = settings_read(ROOT / "functions" / Path(properties["CodeUri"]).name / "app.py", handler)
    read = {environment_name({"allowed_origins": "cors_origins"}.get(field, field)) for field in fields}
    assert given == read - LEFT_AT_DEFAULT


def test_tables_are_those_of_the_template() -> None:
    """Names, keys and indexes of the models and of the template agree."""
    resources = load_template()["Resources"]
    declared = {
        resource["Properties"]["TableName"]["Fn::Sub"].removeprefix("${AWS::StackName}-"): resource[
            "Properties"
        ]
        for resource in resources.values()
        if resource["Type"] == "AWS::DynamoDB::Table"
    }
    assert set(declared) == {table.Meta.name for table in ALL_TABLES}
    for table in ALL_TABLES:
        properties = declared[table.Meta.name]
        types = {item["AttributeName"]: item["AttributeType"] for item in properties["AttributeDefinitions"]}
        keys = {item["KeyType"]: item["AttributeName"] for item in properties["KeySchema"]}
        attributes = table.get_attributes()
        hash_key = next(name for name, attribute in attributes.items() if attribute.is_hash_key)
        range_key = next((name for name, attribute in attributes.items() if attribute.is_range_key), None)
        assert (hash_key, range_key) == (keys["HASH"], keys.get("RANGE"))
        assert all(attributes[name].attr_type == kind for name, kind in types.items())
        indexes = {index["IndexName"] for index in properties.get("GlobalSecondaryIndexes", [])}
        assert indexes == {index.Meta.index_name for index in table._indexes.values()}
