"""Shell completion: scripts made from the command table, so that TAB starts no process; and where they are put."""
