"""Documents held against the CycloneDX schema.

Apart from the check that asks for it: loading the validator takes as long as all other checks of a small wheel.
"""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from jsonschema import Draft7Validator, ValidationError  # type: ignore[import-untyped]  # it has no types
from jsonschema.validators import extend  # type: ignore[import-untyped]  # it has no types

SHOWN_VIOLATIONS = 5


def violations(text: str, version: str) -> list[str]:
    """What in a JSON document breaks the schema of that version of CycloneDX; the first few."""
    try:
        strict = JsonStrictValidator(SchemaVersion.from_version(version))
        given: Any = strict._validator  # noqa: SLF001 - for a faster one of the same schema
    except (ValueError, NotImplementedError):
        return [f"no such version is known here: {version!r:.20}"]
    validator = _Validator(given.schema, registry=given._registry, format_checker=given.format_checker)  # noqa: SLF001
    try:
        errors = islice(validator.iter_errors(json.loads(text)), SHOWN_VIOLATIONS)
        return [f"{'/'.join(map(str, error.absolute_path))}: {error.message:.200}" for error in errors]
    except RecursionError:
        return ["it is nested too deeply"]
    except ValueError as error:  # a number of more digits than Python reads
        return [f"it cannot be read: {error}"]


def _unique_items(validator: Any, wanted: Any, instance: Any, _: Any) -> Iterator[ValidationError]:  # noqa: ANN401 - as jsonschema calls it
    """`uniqueItems` in one pass; jsonschema compares each object with each, which took a seventh of `verify`.

    1 and 1.0 are two things here, and one in JSON Schema.
    """
    if wanted and validator.is_type(instance, "array"):
        seen: set[str] = set()
        for index, item in enumerate(instance):
            spelled = json.dumps(item, sort_keys=True)
            if spelled in seen:
                yield ValidationError(f"item {index} is there twice: {spelled:.100}")
                return
            seen.add(spelled)


_Validator = extend(Draft7Validator, {"uniqueItems": _unique_items})
