"""The steps in order, and the command line: the only room that reads the clock. Start at main_job.py."""
