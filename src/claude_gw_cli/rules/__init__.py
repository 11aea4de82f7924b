"""The rules of `cgw check`: pure functions over one Snapshot."""
