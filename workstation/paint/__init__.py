"""Arrays + marks -> QImage. QtGui only."""
