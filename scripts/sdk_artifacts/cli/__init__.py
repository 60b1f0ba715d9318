"""The commands, their options and their exit codes; nothing else of the toolkit prints or exits."""

from . import ci, diffs, publishing, reports, runtime, sdk  # noqa: F401 - each registers its commands
from .door import commands, main

__all__ = ["commands", "main"]
