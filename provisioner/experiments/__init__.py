"""Experiments that settle, on a sandbox, what is believed of orgs (docs/unproven.md), and the means to clean up."""
