import pytest
import yaml

from infra.cdn import embed

TEMPLATE = """\
Resources:
  SocketPathsFunction:
    Type: AWS::CloudFront::Function
    Properties:
      FunctionConfig:
        Runtime: cloudfront-js-2.0
      FunctionCode: |
          old();

          older();

  MediaTokenFunction:
    Type: AWS::CloudFront::Function
    Properties:
      FunctionCode: |
        old();
      AutoPublish: true
Outputs: {}
"""


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms (`!Ref x`) as plain values."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: str(node.value))


def test_only_the_code_changes() -> None:
    text = embed.embed(TEMPLATE, "SocketPathsFunction", "a();\n\nb();\n")
    text = embed.embed(text, "MediaTokenFunction", "c();")
    resources = yaml.safe_load(text)["Resources"]
    assert resources["SocketPathsFunction"]["Properties"]["FunctionCode"].strip() == "a();\n\nb();"
    assert resources["SocketPathsFunction"]["Properties"]["FunctionConfig"] == {
        "Runtime": "cloudfront-js-2.0"
    }
    assert resources["MediaTokenFunction"]["Properties"] == {"FunctionCode": "c();\n", "AutoPublish": True}
    assert embed.embed(text, "MediaTokenFunction", "c();") == text


def test_a_function_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="Missing"):
        embed.embed(TEMPLATE, "Missing", "a();")


def test_the_template_holds_the_files() -> None:
    """When this fails: python -m infra.cdn.embed"""
    resources = yaml.load(embed.TEMPLATE.read_text(), _Loader)["Resources"]
    for logical_id, name in embed.SOURCES.items():
        code = (embed.HERE / name).read_text()
        assert resources[logical_id]["Properties"]["FunctionCode"].strip() == code.strip()


@pytest.mark.parametrize("name", embed.SOURCES.values())
def test_code_fits_cloudfronts_limit(name: str) -> None:
    """10 KB: quotas on CloudFront Functions."""
    assert (embed.HERE / name).stat().st_size < 10_000
