"""Rules for keys, their certificates and their JWKs."""
