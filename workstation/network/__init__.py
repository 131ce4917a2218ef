"""The only rooms that leave the machine: DICOM peers as a client, and the receiver."""
