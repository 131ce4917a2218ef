"""What archives found, as a table: what is here of a study, who failed, and room for the names of the nodes."""

from dataclasses import replace

from PySide6.QtWidgets import QApplication

from workstation.network.faults import Side
from workstation.traffic.ask import Answer
from workstation.traffic.errand import Act, Errand, State
from workstation.ui.query_fields import missing
from workstation.ui.query_model import FoundModel, lines_of
from workstation.ui.query_table import ACCESSION, ON, FoundTable
from workstation.worklist.found import FoundStudy, merged, patients, study_of

ROW = {"StudyInstanceUID": "1.2", "PatientName": "Doe^Jane", "PatientID": "4711", "PatientBirthDate": "19631210"}


def found(*nodes: str) -> dict[str, FoundStudy]:
    row = ROW | {"NumberOfStudyRelatedInstances": "120"}
    return merged({}, [each for node in nodes if (each := study_of(node, row)) is not None])


def test_what_is_paused_keeps_how_much_of_it_came() -> None:
    model = FoundModel()
    (study,) = found("archive").values()
    paused = replace(Errand(1, Act.RETRIEVE, "archive", "1.2"), state=State.PAUSED, done=8, total=120)
    model.renew({}, {"1.2": paused})
    assert model.here_of(study) == "paused, 8 of 120"
    model.renew({"1.2": 8}, {"1.2": paused})
    assert model.here_of(study) == "paused, 8 of 120"


def test_a_node_that_failed_says_what_is_missing_for_it() -> None:
    silent = Answer("tele", problem="nothing listens on port 104", side=Side.BETWEEN, over=True)
    assert missing(silent, 0) == "× tele not reached: its studies are missing here"
    assert missing(replace(silent, side=Side.THEIRS), 0) == "× tele did not answer: its studies are missing here"
    assert missing(silent, 3) == "× tele broke off after 3: more of its studies may be missing here"


def test_the_nodes_have_the_room_that_others_do_not_need(qapp: QApplication) -> None:
    model = FoundModel()
    table = FoundTable(model)
    names = "archive of the house", "old archive of the house", "by move"
    model.set_lines(lines_of(patients(found(*names).values())))
    table.resize(1600, 300)
    table.show()
    needed = table.fontMetrics().horizontalAdvance(", ".join(names))
    assert table.columnWidth(ON) > needed
    table.resize(900, 300)
    qapp.processEvents()
    assert table.columnWidth(ON) < needed and table.columnWidth(0) > 150
    table.close()


def test_an_accession_number_is_never_cut_where_there_is_room(qapp: QApplication) -> None:
    model, long = FoundModel(), "ACC-2025-0310-77-B"
    table = FoundTable(model)
    (study,) = found("archive").values()
    model.set_lines(lines_of(patients([replace(study, accession=long)])))
    table.resize(1240, 300)
    table.show()
    assert table.columnWidth(ACCESSION) > table.fontMetrics().horizontalAdvance(long)
    table.close()


def test_in_large_type_rows_are_high_enough_and_a_prior_is_still_called_one(qapp: QApplication) -> None:
    model = FoundModel()
    table = FoundTable(model)
    (study,) = found("archive").values()
    model.set_lines(lines_of(patients([replace(study, asked_for=False, description="CT of a long name" * 5)])))
    table.setStyleSheet("* { font-size: 16pt; }")
    table.resize(1240, 300)
    table.show()
    qapp.processEvents()
    assert table.rowHeight(1) > table.fontMetrics().height()
    assert model.text(1, 0).strip().startswith("◆ prior")
    table.close()
