"""What the reference makes of docstrings, beside what mkdocstrings does: an extension of griffe's."""

from griffe import DocstringSectionKind, Extension, Function, Module

BRANCH = "├──"


class Reference(Extension):
    """Runs after `unpack_typeddict`, which puts the protocol's keywords into signatures."""

    def on_module(self, *, mod: Module, **_: object) -> None:
        """Keep the lines of a tree that is drawn in a docstring."""
        if mod.docstring is not None:
            parts = mod.docstring.value.split("\n\n")
            mod.docstring.value = "\n\n".join(f"```text\n{each}\n```" if BRANCH in each else each for each in parts)

    def on_function(self, *, func: Function, **_: object) -> None:
        """Take keywords about which nothing is said out of the list below the signature."""
        if func.docstring is None:
            return
        sections = func.docstring.parsed
        for section in sections:
            if section.kind is DocstringSectionKind.parameters:
                section.value = [each for each in section.value if each.description]
        sections[:] = [each for each in sections if each.kind is not DocstringSectionKind.parameters or each.value]
