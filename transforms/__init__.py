"""Pure polars: frames in, frames out. No files, no database, no clock, no globals that change."""
