"""Certificates and JWKs: read, derived, judged."""
