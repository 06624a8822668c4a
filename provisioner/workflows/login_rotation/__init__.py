"""``login rotate`` and ``login retire``: a new certificate for a login, and the end of the earlier app."""
