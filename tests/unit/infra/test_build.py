"""Layers and bundles: what is in them, how large they are, and that they come out the same each time."""

import re
import zipfile
from pathlib import Path

import pytest

from infra import build
from infra.template import load_template

LIMIT_BYTES = 250_000_000
"""Lambda's limit is 250 MiB for a function with its layers; this is the stricter reading."""
COMMON_LIMIT_BYTES = 45_000_000
LAYER_FILES = {"CommonLayer": "common", "FfmpegLayer": "ffmpeg", "FfprobeLayer": "ffprobe"}


@pytest.fixture(scope="module")
def built() -> Path:
    """The build for this machine, brought up to date."""
    build.build(build.Target(build.host_arch(), build.host_python()))
    return build.BUILD


def names(layer: str) -> set[str]:
    with zipfile.ZipFile(build.BUILD / f"layers/{layer}.zip") as archive:
        return set(archive.namelist())


def layers_of(properties: dict[str, object]) -> list[str]:
    """Every layer a function may have, whatever the conditions say."""
    return ["CommonLayer", *(name for name in LAYER_FILES if name in repr(properties.get("Layers", [])))]


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    "name",
    [n for n, r in load_template()["Resources"].items() if r["Type"] == "AWS::Serverless::Function"],
)
def test_each_function_with_its_layers_fits_into_lambda(name: str) -> None:
    properties = load_template()["Resources"][name]["Properties"]
    total = build.folder_bytes(build.ROOT / properties["CodeUri"])
    total += sum(build.unzipped_bytes(LAYER_FILES[layer]) for layer in set(layers_of(properties)))
    assert total < LIMIT_BYTES


@pytest.mark.usefixtures("built")
def test_the_common_layer_is_small() -> None:
    assert build.unzipped_bytes("common") <= COMMON_LIMIT_BYTES


@pytest.mark.usefixtures("built")
def test_the_common_layer_holds_what_it_should_and_nothing_of_the_runtimes() -> None:
    tops = {name.split("/")[1] for name in names("common") if name.startswith("python/")}
    assert {"videosite", "pynamodb", "aws_lambda_powertools", "chalice", "jwt"} <= tops
    assert not {"boto3", "botocore", "s3transfer", "fastapi", "argon2", "click", "pip"} & tops
    assert not any("/cli/" in name for name in names("common") if "chalice" in name)


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("layer", ["common", "ffmpeg", "ffprobe"])
def test_each_layer_carries_its_licence(layer: str) -> None:
    assert "LICENSE" in names(layer)


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(("layer", "path"), [("ffmpeg", "bin/ffmpeg"), ("ffprobe", "bin/ffprobe")])
def test_binaries_may_be_executed(layer: str, path: str) -> None:
    with zipfile.ZipFile(build.BUILD / f"layers/{layer}.zip") as archive:
        assert archive.getinfo(path).external_attr >> 16 & 0o111
    assert (build.BUILD / "bin" / build.host_arch() / Path(path).name).stat().st_mode & 0o100


@pytest.mark.usefixtures("built")
def test_the_api_brings_its_own_packages() -> None:
    tops = {path.name for path in (build.BUILD / "functions/api").iterdir()}
    assert {"app.py", "fastapi", "mangum", "argon2"} <= tops


@pytest.mark.usefixtures("built")
def test_building_again_builds_nothing() -> None:
    assert build.build(build.Target(build.host_arch(), build.host_python())) == []


def test_equal_files_give_equal_zips(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        for name in ("b/c.txt", "a.txt") if folder == "one" else ("a.txt", "b/c.txt"):
            file = tmp_path / folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(name)
        build.write_zip(tmp_path / folder, tmp_path / f"{folder}.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_every_function_of_the_template_is_built() -> None:
    wanted = {
        match[1]
        for resource in load_template()["Resources"].values()
        if (
            match := re.match(r"build/functions/(\w+)/?$", str(resource.get("Properties", {}).get("CodeUri")))
        )
    }
    assert wanted == set(build.FUNCTIONS)
