"""How the command line takes options and speaks: words, bars, tables, errors, JSON."""
