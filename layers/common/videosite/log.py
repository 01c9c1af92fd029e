"""One JSON line per event, through Powertools. Never log tokens, signed addresses or user text unbounded."""

from aws_lambda_powertools import Logger

logger = Logger(service="videosite")
