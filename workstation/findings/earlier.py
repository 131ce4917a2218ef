"""A lesion over time: findings of one name and kind in studies of different dates are one lesion, measured again."""

from collections.abc import Iterable, Mapping

from workstation.findings.finding import Finding
from workstation.findings.words import summary


def earlier(finding: Finding, others: Iterable[Finding], dates: Mapping[str, str]) -> Finding | None:
    """Of the same lesion the newest finding of an earlier study; None for one without a name of its own.

    `dates` are StudyDates by StudyInstanceUID; a study without a date is before nothing.
    """
    name, own = finding.name.casefold().strip(), dates.get(finding.study_instance_uid, "")
    if not name or not own:
        return None
    before = [
        each
        for each in others
        if each.kind is finding.kind
        and each.name.casefold().strip() == name
        and "" < dates.get(each.study_instance_uid, "") < own
    ]
    return max(before, key=lambda each: dates[each.study_instance_uid], default=None)


def change_percent(finding: Finding, before: Finding) -> float | None:
    """How much the main value grew; None where the two are not told in one unit, or the earlier one was nought."""
    if not finding.values or not before.values:
        return None
    new, old = finding.values[0], before.values[0]
    if (new.name, new.unit) != (old.name, old.unit) or old.value == 0:
        return None
    return 100 * (new.value - old.value) / old.value


def since(finding: Finding, before: Finding, date: str) -> str:
    """What it measured then, and the change since."""
    change = change_percent(finding, before)
    grew = "" if change is None else f", {change:+.0f} % since"
    return f"{date}: {summary(before)}{grew}"
