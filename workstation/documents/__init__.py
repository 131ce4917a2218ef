"""Our values <-> DICOM objects that are no images."""
