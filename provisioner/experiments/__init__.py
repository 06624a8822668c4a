"""Experiments that settle beliefs about orgs (docs/unproven.md) on a sandbox, and their clean-up."""
