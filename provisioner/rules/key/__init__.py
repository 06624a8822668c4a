"""Keys, their certificates and their JWKs."""
