"""What DICOM says, without pixels."""
