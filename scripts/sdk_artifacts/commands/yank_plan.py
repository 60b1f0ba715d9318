"""`yank-plan`: how to withdraw a bad runtime and the SDKs that pin it, step by step; it changes nothing."""

from email.parser import BytesHeaderParser

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ..errors import UsageProblem
from ..index import Index, IndexedFile, Project
from ..publication.comparison import of_version, version_of
from ..sdk_stage import PROJECT as SDK_PROJECT
from ..versions import RuntimeVersion
from ..wheels import OUR_PROJECT

NOTES = (
    "A yanked version still resolves for whoever pins it with `==`, as each SDK pins its runtime: yank both.",
    "Yanking frees no quota. Deleting does, breaks every pin, and the file names can never be used again.",
    "Nobody's installed copy changes: tell the users, and publish a higher version soon.",
)


class YankStep(msgspec.Struct, frozen=True):
    """Yank one version of one project; `files` are those that the index has, `done` says that all are yanked."""

    project: str
    version: str
    files: tuple[str, ...]
    done: bool
    why: str


class YankPlan(msgspec.Struct, frozen=True):
    """The steps in their order, SDK first: no moment at which a fresh SDK asks for a withdrawn runtime."""

    version: str
    steps: tuple[YankStep, ...]
    notes: tuple[str, ...] = NOTES


def yank_plan(version: RuntimeVersion, *, index: Index) -> YankPlan:
    """Read what the index has of this runtime and of the SDKs that pin it.

    Raises:
        UsageProblem: it has nothing of the version.
        NetworkFailed: it cannot be read.
    """
    runtime, sdk = index.project(OUR_PROJECT), index.project(SDK_PROJECT)
    steps = []
    for number in sorted({found for name in sdk.files if (found := version_of(name))}):
        files = of_version(sdk, str(number))
        if why := _pins(index, sdk, files, version):
            steps.append(_step(sdk, str(number), files, why))
    if files := of_version(runtime, version.pep440):
        steps.append(_step(runtime, version.pep440, files, "the bad runtime itself"))
    if not steps:
        raise UsageProblem(
            f"the index has neither {OUR_PROJECT} {version.pep440} nor an SDK that pins it",
            fix="Check the version, and the address (--index-url).",
        )
    return YankPlan(version.pep440, tuple(steps))


def _pins(index: Index, sdk: Project, files: list[IndexedFile], version: RuntimeVersion) -> str:
    """Why these files of one SDK version must go with the runtime; empty when they need not."""
    for file in files:
        metadata = index.metadata(sdk, file)
        if metadata is not None:
            lines = BytesHeaderParser().parsebytes(metadata).get_all("requires-dist", [])
            return (
                f"it requires {OUR_PROJECT}=={version.pep440}" if any(_is_pin(line, version) for line in lines) else ""
            )
    same = any(version_of(file.name) == Version(version.pep440) for file in files)
    return "it has the same version; the index does not tell what it requires" if same else ""


def _is_pin(line: str, version: RuntimeVersion) -> bool:
    try:
        requirement = Requirement(str(line))
    except InvalidRequirement:
        return False
    return canonicalize_name(requirement.name) == OUR_PROJECT and str(requirement.specifier) == f"=={version.pep440}"


def _step(project: Project, version: str, files: list[IndexedFile], why: str) -> YankStep:
    done = all(file.yanked is not None for file in files)
    return YankStep(project.name, version, tuple(file.name for file in files), done, why)
