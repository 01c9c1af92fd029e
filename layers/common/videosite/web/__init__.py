"""The HTTP API as a FastAPI application. Only the API function's bundle brings FastAPI with it."""
