"""Outbound webhooks: what people are told, posted to addresses they name."""
