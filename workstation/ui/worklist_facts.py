"""What the study list shows, in plain JSON values: scripts and journeys read it."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workstation.ui.study_list import StudyListPage


def list_facts(page: "StudyListPage") -> dict[str, Any]:
    """Rows from top to bottom by StudyInstanceUID, tabs and columns from left to right."""
    tab, asked, shown = page.tabs.tab(), page.line.filter(), page.model.shown
    counts = page.model.counts(page.tabs.tabs())
    return {
        "studies": [item.uid for item in shown],
        "selected": page.selected(),
        "search": page.search.text(),
        "searching": page.search.hasFocus(),
        "empty": page.empty.text(),
        "report": page.report.toPlainText(),
        "tabs": [{"key": each.key, "name": each.name, "count": counts[each.key]} for each in page.tabs.tabs()],
        "tab": tab.key,
        "columns": page.table.columns_shown(),
        "sort": {"column": tab.sort.column, "descending": tab.sort.descending},
        "modalities": list(asked.modalities),
        "days": asked.days,
        "status": {item.uid: str(item.status) for item in shown},
        "urgency": {item.uid: item.priority for item in shown if item.priority},
        "priors": {item.uid: page.model.elsewhere.count(item, page.model.uids) for item in shown},
        "claimed": {item.uid: item.reading.claimed_by for item in shown if item.reading.claimed_by},
        "preview": page.preview.facts(),
    }
