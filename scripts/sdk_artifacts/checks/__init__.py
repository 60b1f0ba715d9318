"""The checks of a wheel by name. Each is a function of the wheel's facts and of what they are held against."""

from collections.abc import Callable, Mapping

from ..wheels import Wheel
from .container import check_container
from .findings import CheckResult, Question
from .licenses import check_licenses
from .payload import check_payload
from .sbom import check_sbom
from .size import check_size
from .tags import check_tags
from .version import check_version

CHECKS: Mapping[str, Callable[[Wheel, Question], CheckResult]] = {
    "tags": check_tags,
    "container": check_container,
    "payload": check_payload,
    "version": check_version,
    "licenses": check_licenses,
    "sbom": check_sbom,
    "size": check_size,
}
