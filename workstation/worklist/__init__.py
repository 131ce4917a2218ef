"""What is to be read: the rows of the worklist, what it finds, and the tabs a reader keeps. Pure, but for `kept`."""
