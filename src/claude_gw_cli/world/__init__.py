"""The doors to the outside: each file owns one kind of I/O."""
