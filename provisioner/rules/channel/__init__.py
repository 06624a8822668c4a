"""Channels, their configurations and expirations; what is removed."""
