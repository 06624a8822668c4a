"""Estate and Snapshot to Plan: pure."""
