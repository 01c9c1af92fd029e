"""The local stack's parts that need no stack: ports, files, keys, what processes are told."""

import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from infra.local import deploy, ministack, ports, record, rollout, seaweedfs, services, stack
from infra.local.home import Home, read_json, write_private
from infra.local.keys import load_keys
from infra.local.processes import Started
from infra.local.record import Record
from infra.template import load_template


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create()
    return home


def test_ports_are_remembered_while_they_are_free() -> None:
    first = ports.take(("one", "two"), {})
    assert ports.take(("one", "two"), first) == first
    with socket.socket() as server:
        server.bind((ports.LOOPBACK, first["one"]))
        server.listen()
        assert not ports.is_free(first["one"])
        assert ports.owner(first["one"]).endswith(f"(process {os.getpid()})")
        assert ports.take(("one", "two"), first)["one"] != first["one"]


def test_grpc_ports_are_ten_thousand_above() -> None:
    found = ports.take(seaweedfs.PORTS, {})
    assert found["admin_grpc"] == found["admin"] + 10000
    assert len(set(found.values())) == len(seaweedfs.PORTS)
    assert max(found.values()) < 65536


def test_private_files_are_private(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    write_private(file, "one")
    write_private(file, "two")
    assert file.read_text() == "two"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_a_damaged_file_is_an_empty_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "file").write_text(text)
    assert read_json(tmp_path / "file") == {}


def test_keys_are_made_once_and_differ_between_homes(home: Home, tmp_path: Path) -> None:
    keys = load_keys(home)
    assert load_keys(home) == keys
    other = Home(tmp_path / "other")
    other.create()
    assert load_keys(other) != keys
    assert len({keys.root, keys.storage_admin, keys.storage_functions, keys.storage_reader}) == 4


def test_a_record_survives_writing(home: Home) -> None:
    written = Record(
        port=9000, processes={"proxy": Started(1, 2.5)}, ports={"ministack": 3}, outputs={"A": "b"}
    )
    record.save(home, written)
    assert record.load(home) == written
    home.record.write_text('{"unknown": 1}')
    assert record.load(home) == Record()


def test_ministack_is_told_what_was_measured(home: Home) -> None:
    keys = load_keys(home)
    told = ministack.environment(home, 1234, keys.root, persist=True, objects_on_disk=False)
    assert told["AUTH"] == "true"
    assert told["BIND_HOST"] == "127.0.0.1"
    assert told["TMPDIR"].startswith(str(home.folder))
    assert (told["PERSIST_STATE"], told["S3_PERSIST"]) == ("1", "0")
    # Functions inherit it: nothing of this process's environment may be in it.
    assert "PYTHONPATH" not in told
    assert not any(name.startswith("VIDEOSITE") for name in told)


def test_only_the_admin_of_the_storage_may_do_everything(home: Home) -> None:
    found = {
        it["name"]: it["actions"] for it in seaweedfs.identities(load_keys(home), "up", "media")["identities"]
    }
    assert found["reader"] == ["Read:media"]
    assert "Admin" not in found["functions"]
    assert all(":" in action for action in found["functions"])


def test_created_objects_are_reported_with_the_secret() -> None:
    text = seaweedfs.notification("http://127.0.0.1:1/api/v1/storage-events", 'se"cret', "up")
    import tomllib

    webhook = tomllib.loads(text)["notification"]["webhook"]
    assert webhook["enabled"]
    assert webhook["bearer_token"] == 'se"cret'
    assert webhook["path_prefixes"] == ["/buckets/up/uploads"]


def test_seaweedfs_names_every_port_and_stays_on_loopback(home: Home) -> None:
    found = ports.take(seaweedfs.PORTS, {})
    lines = dict(line.split("=", 1) for line in seaweedfs.options(home, found).splitlines())
    assert lines["ip"] == lines["ip.bind"] == "127.0.0.1"
    assert lines["master.telemetry"] == "false"
    assert {lines[f"{part}.port"] for part in ("s3", "filer", "master", "volume", "admin")} == {
        str(found[part]) for part in ("s3", "filer", "master", "volume", "admin")
    }


def test_parameters_are_the_templates(home: Home) -> None:
    running = Record(ports=ports.take(("ministack", *seaweedfs.PORTS), {}))
    given = rollout.parameters(running, load_keys(home), {"LeaseSeconds": "6"})
    assert set(given) <= set(load_template()["Parameters"])
    assert given["LeaseSeconds"] == "6"
    assert given["StorageEndpoint"] == given["StoragePublicEndpoint"] == seaweedfs.url(running.ports)
    light = Record(ports=running.ports, storage="ministack")
    assert "StorageSecretKey" not in rollout.parameters(light, load_keys(home), {})


def test_bucket_names_are_the_templates() -> None:
    resources = load_template()["Resources"]
    for name, expected in (("UploadsBucket", deploy.UPLOADS), ("MediaBucket", deploy.MEDIA)):
        pattern = resources[name]["Properties"]["BucketName"]["Fn::Sub"]
        made = pattern.replace("${AWS::StackName}", "videosite").replace(
            "${AWS::AccountId}", ministack.ACCOUNT
        )
        assert made == expected


def test_a_busy_port_is_named_with_its_owner(home: Home) -> None:
    with socket.socket() as server:
        server.bind((ports.LOOPBACK, 0))
        server.listen()
        port = server.getsockname()[1]
        with pytest.raises(
            services.StackError, match=rf"Port {port} is taken by .*process {os.getpid()}.*--port"
        ):
            stack.up(home, stack.Options(port=port), lambda _: None)


def test_a_second_up_is_told_of_the_first(home: Home) -> None:
    code = (
        "import sys, time; from pathlib import Path; from infra.local.home import Home; "
        "from infra.local.stack import alone\n"
        "with alone(Home(Path(sys.argv[1]))): print('locked', flush=True); time.sleep(60)"
    )
    first = subprocess.Popen([sys.executable, "-c", code, str(home.folder)], stdout=subprocess.PIPE)
    try:
        assert first.stdout is not None
        assert first.stdout.readline() == b"locked\n"
        with pytest.raises(services.StackError, match=f"process {first.pid}"):
            stack.up(home, stack.Options(), lambda _: None)
    finally:
        first.kill()
        first.communicate()
    with stack.alone(home):
        pass


def test_what_does_not_run_is_missing_though_nobody_wrote_it_down() -> None:
    me = Started(os.getpid(), psutil.Process().create_time())
    assert Record(processes={"ministack": me, "seaweedfs": me}).missing == ["proxy"]
    assert Record(processes={"proxy": me}, storage="ministack", endpoint="http://x").missing == []


def test_a_stale_record_is_no_running_stack(home: Home) -> None:
    record.save(home, Record(processes={"ministack": Started(os.getpid(), 1.0)}))
    assert stack.running(home) is None
    assert stack.down(home, lambda _: None) is False
    assert json.loads(home.record.read_text())["processes"] == {}
