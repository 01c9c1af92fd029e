"""The HTTP API: FastAPI behind API Gateway's payload 2.0, through Mangum."""

import asyncio

from mangum import Mangum

from videosite.web.app import create_app

# Mangum runs each request on the thread's event loop and expects to find one.
asyncio.set_event_loop(asyncio.new_event_loop())

app = create_app()
handler = Mangum(app, lifespan="off")
