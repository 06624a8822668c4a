"""A person with an org of their own, as the tests of the commands have them."""

from tests.cli.conftest import person

__all__ = ["person"]
