"""`quota`: what the projects hold on an index, what this release adds, and how many more like it fit. No download."""

import itertools
import statistics
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from ..errors import UsageProblem
from ..index import Index, Project
from ..publication import Publication
from ..publication.comparison import version_of


class ProjectQuota(msgspec.Struct, frozen=True):
    """One project's bytes.

    Attributes:
        stored: on the index now, yanked files included.
        adds: of this release's files that are not there yet.
        per_release: what one release holds: this one's bytes.
        releases_left: how many more like this one fit after it.
        days_between: the median of the days between the releases that are there; None with fewer than two.
        full_after_days: when the limit is met at this cadence; None when there is no cadence.
    """

    project: str
    stored: int
    adds: int
    per_release: int
    limit: int
    releases_left: int
    days_between: float | None
    full_after_days: float | None


class Quota(msgspec.Struct, frozen=True):
    """What was found; `exceeded` says which thresholds are, one sentence each."""

    version: str
    file_limit: int
    largest_file: int
    largest_name: str
    projects: tuple[ProjectQuota, ...]
    exceeded: tuple[str, ...]


def quota(publication: Publication, *, index: Index, limit: int, file_limit: int, keep: int) -> Quota:
    """Read what the index holds of the release's projects, and count.

    Args:
        publication: the release.
        index: where its projects are.
        limit: bytes that one project may hold.
        file_limit: bytes that one file may have.
        keep: releases that should still fit after this one.

    Raises:
        UsageProblem: the index gives no sizes.
        NetworkFailed: it cannot be read.
    """
    projects, exceeded = [], []
    for part in ("runtime", "sdk"):
        files = publication.part(part)
        project = index.project(files[0].project)
        found = _project(project, [(file.name, file.size) for file in files], limit)
        projects.append(found)
        if (over := found.stored + found.adds - limit) > 0:
            exceeded.append(f"{project.name}: this release goes {over} bytes over the limit of {limit}")
        elif found.releases_left < keep:
            exceeded.append(f"{project.name}: {found.releases_left} more releases fit after this one, not {keep}")
    largest = max(publication.artifacts, key=lambda artifact: artifact.size)
    exceeded += [
        f"{file.name}: {file.size} bytes, more than the {file_limit} of one file"
        for file in publication.artifacts
        if file.size > file_limit
    ]
    return Quota(publication.version, file_limit, largest.size, largest.name, tuple(projects), tuple(exceeded))


def request_text(found: Quota) -> str:
    """What to write to the index's people to have the limits raised."""
    runtime, mib, gib = found.projects[0], 1 << 20, 1 << 30
    each = "" if runtime.days_between is None else f", about every {runtime.days_between:.0f} days"
    wanted_file = _rounded_up(found.largest_file * 5 // 4, 50 * mib)
    wanted_project = _rounded_up(runtime.stored + runtime.adds + 24 * runtime.per_release, 10 * gib)
    return "\n".join(
        (
            f"Project: {runtime.project}",
            f"Limits asked for: {wanted_file // mib} MiB for a file, {wanted_project // gib} GiB for the project",
            "",
            f"{runtime.project} carries one prebuilt native program per platform, as its upstream releases it, so that",
            "`pip install` is all that its users need. Nothing in the wheels can be left out or fetched later: the",
            "program and the helpers that it looks for beside itself are the content.",
            "",
            f"The largest file, {found.largest_name},",
            f"has {found.largest_file / mib:.0f} MiB, deflated; the limit is {found.file_limit / mib:.0f} MiB.",
            f"A release has {runtime.per_release / mib:.0f} MiB over all platforms{each}.",
            f"The project holds {runtime.stored / gib:.2f} GiB of {runtime.limit / gib:.0f} GiB; after this release",
            f"{runtime.releases_left} more fit. Old releases are deleted when nothing pins them any more.",
            "",
        )
    )


def _project(project: Project, files: Sequence[tuple[str, int]], limit: int) -> ProjectQuota:
    sizes = {name: file.size for name, file in project.files.items()}
    if None in sizes.values():
        raise UsageProblem(
            f"the index gives no sizes of {project.name}'s files, which takes its JSON form (PEP 700)",
            fix="Name another address with --index-url.",
        )
    stored = sum(size for size in sizes.values() if size)
    adds = sum(size for name, size in files if name not in sizes)
    each = sum(size for _, size in files)
    left = max(0, limit - stored - adds) // max(1, each)
    days = _days_between(project)
    return ProjectQuota(
        project=project.name,
        stored=stored,
        adds=adds,
        per_release=each,
        limit=limit,
        releases_left=left,
        days_between=days,
        full_after_days=None if days is None else days * left,
    )


def _days_between(project: Project) -> float | None:
    """The median of the days between the first files of the versions."""
    first: dict[object, datetime] = {}
    for file in project.files.values():
        version = version_of(file.name)
        if version is not None and file.uploaded:
            first[version] = min(file.uploaded, first.get(version, file.uploaded))
    times = sorted(first.values())
    gaps = [(later - earlier) / timedelta(days=1) for earlier, later in itertools.pairwise(times)]
    return statistics.median(gaps) if gaps else None


def _rounded_up(amount: int, step: int) -> int:
    return -(-amount // step) * step
