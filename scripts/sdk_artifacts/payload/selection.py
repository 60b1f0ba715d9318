"""Which files of a payload a wheel ships. Pure."""

from ..targets import Target, Wheel


def ships(target: Target, wheel: Wheel, path: str) -> bool:
    """Whether the wheel holds the file at `path` of the payload."""
    return target.component_of(path) in wheel.components


def required(target: Target, wheel: Wheel) -> list[str]:
    """Every path that the wheel cannot do without."""
    return [path for name in wheel.components for path in target.components[name].required]
