"""Thin Prefect flows and the `zhaoren` command line: order, time, retries, progress."""
