"""What only an org can tell: made by ``planning``, explained here."""
