"""The licenses: a valid expression, each text named and there, and of our own wheels exactly what the payload needs."""

import hashlib
from collections.abc import Iterator

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from .. import paths
from ..licenses import Terms, looks_like_license, terms_of
from ..parts import known_parts
from ..wheels import OUR_PACKAGE, Wheel
from .findings import CheckResult, Finding, Question, collect, outcome, strictly


def check_licenses(wheel: Wheel, question: Question) -> CheckResult:
    """Hold METADATA's license fields against SPDX and the files, and ours against the parts of the payload."""
    findings = collect((expression, named, payload, ours), wheel, question)
    texts = len(wheel.metadata.get("license-file", []))
    if wheel.is_ours:
        return outcome("licenses", findings, f"{texts} license texts, as the payload's parts need")
    said = ", ".join(wheel.metadata.get("license-expression", [])) or "no License-Expression"
    return outcome("licenses", findings, f"{texts} license texts, {said:.200}")


def expression(wheel: Wheel, _: Question) -> Iterator[Finding]:
    """Whether License-Expression is one that an index takes."""
    stated = wheel.metadata.get("license-expression", [])
    if len(stated) > 1:
        yield Finding("error", f"METADATA has {len(stated)} lines of License-Expression", right="one")
    for text in stated[:1]:
        yield from _spelled(wheel, text)
    if not stated and not wheel.is_ours:
        yield Finding("note", "METADATA has no License-Expression")


def _spelled(wheel: Wheel, text: str) -> Iterator[Finding]:
    try:
        canonical = canonicalize_license_expression(text)
    except InvalidLicenseExpression as error:
        yield Finding("error", f"METADATA: License-Expression is no SPDX expression: {error}")
        return
    if canonical != text:
        yield Finding(strictly(wheel), f"METADATA: License-Expression is {text!r:.200}", right=canonical)


def named(wheel: Wheel, _: Question) -> Iterator[Finding]:
    """Whether each text in `.dist-info/licenses` is one that METADATA names."""
    prefix = f"{wheel.dist_info}/licenses/"
    stated = {f"{prefix}{path}" for path in wheel.metadata.get("license-file", [])}
    for name in sorted(name for name in wheel.files if name.startswith(prefix) and name not in stated):
        yield Finding(strictly(wheel), "a license text that METADATA does not name", name, "License-File")


def payload(wheel: Wheel, question: Question) -> Iterator[Finding]:
    """Whether each file of our payload that looks like a license text is listed as one."""
    identity = question.identity(wheel.file_name)
    if not wheel.is_ours or identity is None:
        return
    target, _ = identity
    for path in sorted(wheel.payload):
        if looks_like_license(path) and path not in target.own_texts:
            message = f"looks like a license text, and {target.triple}.toml lists none of this name"
            yield Finding("error", message, f"{OUR_PACKAGE}/{path}")


def ours(wheel: Wheel, question: Question) -> Iterator[Finding]:
    """Whether expression and texts are those of the parts that our payload is made of."""
    identity = question.identity(wheel.file_name)
    if not wheel.is_ours or identity is None:
        return
    terms = terms_of(identity[0], wheel.payload, known_parts())
    stated = ", ".join(wheel.metadata.get("license-expression", []))
    if stated != terms.expression:
        message = f"METADATA: License-Expression is {stated or 'absent'!r}, not that of the payload's parts"
        yield Finding("error", message, right=terms.expression)
    due = {f"licenses/{text}" for text in terms.texts} | {f"payload/{path}" for path in terms.own_texts}
    stated_files = {*wheel.metadata.get("license-file", [])}
    for path in sorted(due - stated_files):
        yield Finding("error", f"METADATA does not name the license text {path}, which the payload needs")
    for path in sorted(stated_files - due):
        yield Finding("error", f"METADATA names the license text {path}, which nothing in the payload is under")
    yield from _texts(wheel, terms)


def _texts(wheel: Wheel, terms: Terms) -> Iterator[Finding]:
    """Whether each text has the bytes of the repository's."""
    for text in terms.texts:
        name = f"{wheel.dist_info}/licenses/licenses/{text}"
        if name not in wheel.files:
            yield Finding("error", "missing: the payload needs this license text", name)
        elif wheel.contents[name].sha256 != hashlib.sha256(_repository_text(text)).hexdigest():
            yield Finding("error", "another license text than the repository's", name)


def _repository_text(name: str) -> bytes:
    return (paths.RUNTIME_TEMPLATE / "licenses" / name).read_bytes()
