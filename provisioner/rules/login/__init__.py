"""Checks of the declared logins."""
