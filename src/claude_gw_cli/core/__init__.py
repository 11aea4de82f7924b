"""Pure functions and frozen data: profiles, plans, predictions, lossless edits. No I/O, standard library only."""
