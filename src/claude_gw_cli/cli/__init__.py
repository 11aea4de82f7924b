"""The command line: parse, load, call the core, render. Only this room prints or exits.

What the parameters of a command's function mean is in commands.txt.
"""
