"""The only room that opens DuckDB: schema, load, snapshots, the identity vault, publishing."""
