"""Keysets and their issuers."""
