"""A change's fields for a terminal: before -> after, in columns if they fit, else one below the other."""

from __future__ import annotations

from provisioner.model.types import Risk
from provisioner.planning.plan import Action, Change, FieldChange
from provisioner.report import plan_words
from provisioner.report.document import at
from provisioner.report.style import Look, Part, Span, Style
from provisioner.report.visible import cells, visible

_INDENT = 4
#: "+ " before a field's path.
_SIGN = 2
_ARROW = "  ->  "
_SIGN_LOOKS = {"+": Look.GOOD, "-": Look.BAD, "~": Look.CHANGED, " ": Look.PLAIN}
RISK_LOOKS = {
    Risk.NONE: Look.FAINT,
    Risk.DISRUPTIVE: Look.CAREFUL,
    Risk.PERMANENT: Look.DANGER,
    Risk.DESTRUCTIVE: Look.DANGER,
}


def field_lines(change: Change, style: Style) -> list[str]:
    """Return all fields of a change, their values aligned."""
    shown = [_Field(field, change) for field in change.fields]
    longest = style.width // 2 - _INDENT
    path_width = max((each.path_width for each in shown if each.path_width <= longest), default=0)
    at = _INDENT + _SIGN + path_width + 2
    room = style.width - at
    in_line = [each for each in shown if each.is_pair and each.path_width <= path_width and each.fits(room)]
    before_width = max((cells(each.before) for each in in_line), default=0)
    lines: list[str] = []
    for each in shown:
        if each in in_line and each.fits(room, before_width):
            lines += each.in_line(style, path_width, before_width)
        else:
            lines += each.stacked(style, path_width, at)
    return lines


def at_field(field: FieldChange, change: Change) -> list[Part]:
    """Return the place after a field, unless it is that of the change; in the same file only the line."""
    place, beside = field.declared_at, change.declared_at
    if place is None or place == beside:
        return []
    return at(f"line {place.line}" if beside is not None and beside.file == place.file else place)


class _Field:
    """One field, with its texts prepared."""

    def __init__(self, field: FieldChange, change: Change) -> None:
        self.field = field
        self.path = visible(field.path)
        self.path_width = cells(self.path)
        self.before, self.after = plan_words.value(field.before), plan_words.value(field.after)
        self.sign = "+" if field.before in (None, ()) else "-" if field.after in (None, ()) else "~"
        self.members = plan_words.changed_members(field.before, field.after)
        self.is_pair = self.sign == "~" and not self.members
        self.tail = [*self._risk(change.action), *at_field(field, change)]

    def _risk(self, action: Action) -> list[Part]:
        """Return the field's own risk, after its value. A deletion shows its risk at the change."""
        if self.field.risk is Risk.NONE or action is Action.DELETE:
            return []
        return ["  ", Span(f"({self.field.risk.value})", RISK_LOOKS[self.field.risk])]

    def fits(self, room: int, before_width: int = 0) -> bool:
        """Return whether before -> after fits into ``room`` columns."""
        return max(before_width, cells(self.before)) + len(_ARROW) + cells(self.after) <= room

    def in_line(self, style: Style, path_width: int, before_width: int) -> list[str]:
        """Return before -> after in columns."""
        parts: list[Part] = [
            Span(self.sign, _SIGN_LOOKS[self.sign]), " ", Span(self.path, whole=True),
            " " * (path_width - self.path_width + 2),
            Span(self.before, whole=True), " " * (before_width - cells(self.before)), _ARROW,
            Span(self.after, Look.STRONG, whole=True),
        ]  # fmt: skip
        return style.lines(*parts, *self.tail, indent=_INDENT, hang=_INDENT + _SIGN + path_width + 2)

    def stacked(self, style: Style, path_width: int, at: int) -> list[str]:
        """Return a value that is too wide for the columns: a list by its members, a pair on separate lines."""
        head: list[Part] = [Span(self.sign, _SIGN_LOOKS[self.sign]), " ", Span(self.path, whole=True)]
        below = _INDENT + _SIGN + 2
        if self.members:
            lines = style.lines(*head, *self.tail, indent=_INDENT, hang=below)
            for sign, member in self.members:
                marked = Span(f"{sign} ", _SIGN_LOOKS[sign], whole=True)
                lines += style.lines(marked, Span(member, whole=True), indent=below)
            return lines
        value: list[Part]
        if self.is_pair:
            value = [self.before, _ARROW, Span(self.after, Look.STRONG)]
        else:
            value = [self.after if self.sign == "+" else self.before]
        if not self.is_pair and self.path_width <= path_width:
            pad = " " * (path_width - self.path_width + 2)
            return style.lines(*head, pad, *value, *self.tail, indent=_INDENT, hang=at)
        in_one = style.lines(*head, "  ", *value, *self.tail, indent=_INDENT)
        if len(in_one) == 1:
            return in_one
        if self.is_pair:
            return [
                *style.lines(*head, *self.tail, indent=_INDENT, hang=below),
                *style.lines(Span("- ", Look.BAD, whole=True), self.before, indent=below, hang=below + 2),
                *style.lines(Span("+ ", Look.GOOD, whole=True), self.after, indent=below, hang=below + 2),
            ]
        return [*style.lines(*head, indent=_INDENT), *style.lines(*value, *self.tail, indent=below)]
