"""All that is fuzzed, by name."""

from collections.abc import Mapping

from fuzz import file_subjects, sdk_subjects, toolkit_subjects
from fuzz.subject import Subject

SUBJECTS: Mapping[str, Subject] = {
    **sdk_subjects.SUBJECTS,
    **toolkit_subjects.SUBJECTS,
    **file_subjects.SUBJECTS,
}
