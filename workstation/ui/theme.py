"""Dark, quiet, exact: neutral greys, one accent, text that is never pure white."""

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLabel

from workstation.paint.fonts import family

BACKGROUND = "#16181b"
SURFACE = "#1d2024"
RAISED = "#272b30"
LINE = "#363b42"
TEXT = "#cdd1d6"
QUIET = "#9aa1aa"
ACCENT = "#4fa3d1"
WARNING = "#f0b24a"

STYLE = f"""
* {{ font-family: "{{family}}"; font-size: 13px; color: {TEXT}; }}
QMainWindow, QDialog, QWidget#page {{ background: {BACKGROUND}; }}
QLabel#banner, QLabel#stage {{ background: {SURFACE}; padding: 0 10px; }}
QLabel#stage {{ color: {QUIET}; }}
QLabel#empty {{ color: {QUIET}; font-size: 15px; }}
QLabel#title {{ font-size: 17px; font-weight: 600; }}
QLabel#quiet, QStatusBar QLabel {{ color: {QUIET}; }}
QLabel#warning {{ color: {WARNING}; }}
QStatusBar {{ background: {SURFACE}; border-top: 1px solid {LINE}; min-height: 27px; max-height: 27px; }}
QStatusBar::item {{ border: 0; }}
QStatusBar QPushButton {{ padding: 1px 10px; margin: 2px; }}
QLineEdit {{ background: {RAISED}; border: 1px solid {LINE}; border-radius: 4px; padding: 5px 8px;
    selection-background-color: {ACCENT}; }}
QLineEdit:focus, QListView:focus, QTreeView:focus, QTableView:focus {{ border: 1px solid {ACCENT}; }}
QTableView, QListWidget, QPlainTextEdit, QTextBrowser {{ background: {BACKGROUND};
    alternate-background-color: {SURFACE}; border: 1px solid {LINE};
    selection-background-color: #24485c; selection-color: {TEXT}; outline: 0; }}
QTableView::item, QListWidget::item {{ padding: 4px 6px; }}
QHeaderView::section {{ background: {SURFACE}; color: {QUIET}; border: 0; border-bottom: 1px solid {LINE};
    padding: 5px 6px; font-weight: 600; }}
QListWidget#strip {{ border: 0; border-right: 1px solid {LINE}; }}
QListWidget#strip::item {{ padding: 4px; border: 1px solid transparent; border-radius: 3px; }}
QListWidget#strip::item:selected {{ border-color: {ACCENT}; background: {RAISED}; }}
QPushButton {{ background: {RAISED}; border: 1px solid {LINE}; border-radius: 4px; padding: 5px 12px; }}
QPushButton:hover, QPushButton:focus {{ border-color: {ACCENT}; }}
QPushButton:disabled {{ color: #6d747c; }}
QProgressBar {{ background: {RAISED}; border: 0; border-radius: 3px; max-height: 8px; text-align: center; }}
QProgressBar::chunk {{ background: {ACCENT}; border-radius: 3px; }}
QToolTip {{ background: {RAISED}; color: {TEXT}; border: 1px solid {LINE}; padding: 4px; }}
QScrollBar:vertical {{ background: {BACKGROUND}; width: 10px; }}
QScrollBar::handle:vertical {{ background: {LINE}; border-radius: 5px; min-height: 30px; }}
QScrollBar:horizontal {{ background: {BACKGROUND}; height: 10px; }}
QScrollBar::handle:horizontal {{ background: {LINE}; border-radius: 5px; min-width: 30px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: none; }}
"""


def label(text: str, role: str) -> QLabel:
    """A label dressed by its role: title, quiet, warning or banner."""
    made = QLabel(text)
    made.setObjectName(role)
    return made


def apply(application: QApplication) -> None:
    """Dress the program."""
    palette = QPalette()
    for role, colour in (
        (QPalette.ColorRole.Window, BACKGROUND),
        (QPalette.ColorRole.Base, BACKGROUND),
        (QPalette.ColorRole.Text, TEXT),
        (QPalette.ColorRole.WindowText, TEXT),
        (QPalette.ColorRole.PlaceholderText, QUIET),
        (QPalette.ColorRole.Highlight, ACCENT),
    ):
        palette.setColor(role, QColor(colour))
    application.setPalette(palette)
    application.setStyleSheet(STYLE.replace("{family}", family()))
