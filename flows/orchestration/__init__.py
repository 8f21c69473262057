"""How the main job runs under Prefect: steps as tasks, a schedule, a server of our own.

The only sub-room that imports Prefect; the order of the steps is main_job's.
"""
