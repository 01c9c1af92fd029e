"""One module per part of the API. A route checks who asks, calls one function, and answers."""

ROOT = "/api/v1"
