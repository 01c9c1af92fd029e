"""The HTTP API: FastAPI behind API Gateway's payload 2.0, through Mangum."""

from mangum import Mangum
from videosite.web.app import create_app

app = create_app()
handler = Mangum(app, lifespan="off")
