"""Sockets, channels, messages and their fan-out."""
