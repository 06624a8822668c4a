"""Rules for the declared logins."""
