"""Text for a target: shells and file formats. Pure and light: this room is on the hot path of `cgw env`."""
