"""One module per command; each is a function that returns a value or raises an error of `sdk_artifacts.errors`."""
