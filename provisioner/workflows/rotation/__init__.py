"""The rotation of a signing key, and the revocation of a leaked one."""
