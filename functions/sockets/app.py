"""$connect, messages and $disconnect of the WebSocket API; each is a function of its own.

None of them ever raises: what a handler raises may reach the client.
"""

from chalice.app import Chalice, WebsocketEvent

from videosite.realtime import endpoint

app = Chalice(app_name="sockets")
# Chalice's own client is not used (store/sockets.py posts). An address it has already keeps it from working
# one out at each call, which fails without a region.
app.websocket_api.configure("unused", "unused")


@app.on_ws_connect()
def connect(event: WebsocketEvent) -> dict[str, int]:
    """Admits or refuses; the status is the handshake's answer."""
    return endpoint.connect(event.to_dict())


@app.on_ws_message()
def message(event: WebsocketEvent) -> dict[str, int]:
    """Answers through @connections: what a handler returns is not sent."""
    return endpoint.message(event.to_dict())


@app.on_ws_disconnect()
def disconnect(event: WebsocketEvent) -> dict[str, int]:
    """Forgets the socket."""
    return endpoint.disconnect(event.to_dict())
