"""The template on the stack: its parameters, and a deployment where anything has changed."""

import os
from collections.abc import Callable, Mapping

from infra.build import host_arch
from infra.local import deploy, ministack, ports
from infra.local.accounts import seed_admin
from infra.local.deploy import MAIL_FROM, MEDIA
from infra.local.environments import python_of
from infra.local.home import BINARIES, Home
from infra.local.keys import Keys
from infra.local.record import Record, save
from infra.local.services import storage_endpoint


def parameters(record: Record, keys: Keys, more: Mapping[str, str]) -> dict[str, str]:
    """The template's parameters for this stack. `more`: what to set besides, or otherwise."""
    workers = max(2, os.cpu_count() or 2)
    values = {
        "StageName": "local",
        "PublicUrl": record.public_url,
        "CorsOrigins": f"http://{ports.LOOPBACK}:{record.port}",
        "Architecture": host_arch(),
        "SocketsEndpoint": ministack.sockets_api(
            record.aws, record.outputs.get("SocketsApiId", ministack.SOCKETS_API)
        ),
        "StorageEndpoint": storage_endpoint(record),
        "StoragePublicEndpoint": storage_endpoint(record),
        "StoragePathStyle": "true",
        # Receivers under development listen on this machine.
        "WebhookLoopback": "true",
        "UrgentConcurrency": str(workers),
        # One more than cores: it works while the others fetch their next task.
        "BulkConcurrency": str(workers + 1),
        "Window": str(4 * (workers + 1)),
    }
    if not record.endpoint:
        # Mails go into MiniStack's mailbox: `videosite mails`.
        values["MailFrom"] = MAIL_FROM
        # Saves unpacking 230 MB of layers per worker. Elsewhere functions may be on another machine.
        values["FfmpegPath"] = str(BINARIES / "ffmpeg")
        values["FfprobePath"] = str(BINARIES / "ffprobe")
    if record.storage == "seaweedfs":
        values["StorageAccessKey"] = keys.storage_functions.access_key
        values["StorageSecretKey"] = keys.storage_functions.secret_key
        values["StorageReaderAccessKey"] = keys.storage_reader.access_key
        values["StorageReaderSecretKey"] = keys.storage_reader.secret_key
    return {**values, **more}


def deploy_if_changed(
    home: Home, record: Record, keys: Keys, more: Mapping[str, str], say: Callable[[str], None]
) -> bool:
    """Deploy the template if it, what was built or a parameter has changed. Returns whether."""
    endpoint = record.aws
    values = parameters(record, keys, more)
    fingerprint = deploy.wanted(values)
    # Asked, not only remembered: a MiniStack that was killed has forgotten its tables.
    found = deploy.outputs(endpoint, keys.root)
    if found is not None and record.deployed == fingerprint:
        record.outputs = found
        return False
    sam = python_of("sam", say)
    say("deploying template.yaml with sam deploy")
    record.deployed = ""
    save(home, record)
    profile = "localstack" if record.endpoint else "local"
    deploy.sam_deploy(sam, home, endpoint, keys.root, values, profile)
    record.outputs = deploy.outputs(endpoint, keys.root) or {}
    if (values := parameters(record, keys, more)) and deploy.wanted(values) != fingerprint:
        # The endpoint gave the WebSocket API an id of its own, and functions post to its address.
        fingerprint = deploy.wanted(values)
        deploy.sam_deploy(sam, home, endpoint, keys.root, values, profile)
    deploy.set_expiry(endpoint, keys.root)
    if not record.endpoint:
        deploy.allow_mail(endpoint, keys.root, MAIL_FROM)
    deploy.number_concurrency(endpoint, keys.root)
    if record.storage == "ministack":
        record.reader = deploy.make_reader(endpoint, keys.root, MEDIA)
    say("making the admin account")
    seed_admin(home, endpoint, keys.root)
    record.deployed = fingerprint
    save(home, record)
    if not record.endpoint and not record.ephemeral:
        ministack.save_everything(record.processes["ministack"])
    return True
