"""Everything that passes between the house and people as files, both ways; files only, no database."""
