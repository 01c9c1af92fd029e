"""Copies the CDN's functions into the template: `python -m infra.cdn.embed`.

CloudFormation takes a CloudFront Function's code only inline. The files here are the source, the
template holds the copy, and a test finds the two apart.
"""

from pathlib import Path

HERE = Path(__file__).parent
TEMPLATE = HERE.parents[1] / "template.yaml"
SOURCES = {
    "SocketPathsFunction": "socket_paths.js",
    "ViewerAddressFunction": "viewer_address.js",
    "MediaTokenFunction": "media_token.js",
    "ConsolePathsFunction": "console_paths.js",
}
"""Logical id in the template → file."""

_INDENT = " " * 8


def embed(template: str, logical_id: str, code: str) -> str:
    """The template's text with the `FunctionCode` of one function replaced by `code`.

    Raises:
        ValueError: the template has no such function.
    """
    lines = template.split("\n")
    try:
        resource = lines.index(f"  {logical_id}:")
        start = lines.index(f"{' ' * 6}FunctionCode: |", resource) + 1
    except ValueError:
        raise ValueError(f"{logical_id} with an inline FunctionCode is not in the template") from None
    end = start
    while end < len(lines) and (not lines[end] or lines[end].startswith(" " * 8)):
        end += 1
    while not lines[end - 1]:
        end -= 1
    lines[start:end] = [f"{_INDENT}{line}".rstrip() for line in code.rstrip().split("\n")]
    return "\n".join(lines)


def embed_all(template: str) -> str:
    """The template's text with every function of `SOURCES` as its file has it."""
    for logical_id, name in SOURCES.items():
        template = embed(template, logical_id, (HERE / name).read_text())
    return template


if __name__ == "__main__":
    TEMPLATE.write_text(embed_all(TEMPLATE.read_text()))
