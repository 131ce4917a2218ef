"""A Tile + what is loaded -> a picture: for the window, snapshots and exports alike. One composer."""
