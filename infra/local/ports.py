"""Free TCP ports on the loopback interface."""

import contextlib
import secrets
import socket

import psutil

LOOPBACK = "127.0.0.1"
RANGE = range(20000, 32000)
"""Below the ports Linux gives to outgoing connections, so that a remembered one stays free."""
GRPC_OFFSET = 10000


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback interface now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do, so that a connection in TIME_WAIT does not count as busy.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def take(names: tuple[str, ...], remembered: dict[str, int]) -> dict[str, int]:
    """A port per name: the remembered ones while all are free, else new ones for all.

    `x_grpc` is `x` + 10000 where both are asked for: some of SeaweedFS's parts take that for granted.
    """
    if all(name in remembered and is_free(remembered[name]) for name in names):
        return {name: remembered[name] for name in names}
    ports: dict[str, int] = {}
    for name in names:
        partner = name.removesuffix("_grpc")
        with_grpc = f"{name}_grpc" in names
        ports[name] = ports[partner] + GRPC_OFFSET if partner != name else _free(ports, with_grpc)
    return ports


def _free(taken: dict[str, int], with_grpc: bool) -> int:
    for _ in range(1000):
        port = RANGE.start + secrets.randbelow(len(RANGE))
        partner_free = not with_grpc or is_free(port + GRPC_OFFSET)
        if port not in taken.values() and is_free(port) and partner_free:
            return port
    raise OSError(f"no free port from {RANGE.start} to {RANGE.stop}")


def owner(port: int) -> str:
    """Who listens on a port, for a message: "python (process 123)", or "another process"."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return "another process"
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and port in connection.laddr and connection.pid:
            with contextlib.suppress(psutil.Error):
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    return "another process"
