"""The command line: parse, load, call the core, render. Only this room prints or exits."""
