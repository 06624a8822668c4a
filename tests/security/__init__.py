"""What must never happen, tried."""
