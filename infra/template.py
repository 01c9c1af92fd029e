"""Reading template.yaml: CloudFormation's short tags become the long form (`!Ref X` → {"Ref": "X"})."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).parents[1] / "template.yaml"


class _Loader(yaml.SafeLoader):
    """SafeLoader that knows CloudFormation's tags."""


def _tag(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _tag)


@lru_cache(maxsize=2)
def load_template(path: Path = TEMPLATE) -> dict[str, Any]:
    """The template as a dictionary. Shared: do not change it."""
    return dict(yaml.load(path.read_text(), Loader=_Loader))  # noqa: S506 (a SafeLoader)
