"""Rules about a whole delivery, run by Great Expectations on a staged table that holds no identifiers."""
