"""Values -> RGB arrays. The only room that knows VTK; it knows no Qt and no Case."""
