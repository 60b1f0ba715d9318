"""The version of this package, and that of the runtime that it requires, in the runtime's own spelling."""

VERSION = "0.0.0.dev0"
RUNTIME_VERSION: str | None = None  # a copy for development requires none
