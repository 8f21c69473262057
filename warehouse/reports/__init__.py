"""The numbers of the reports: a registry of metrics, each one query over the marts, and their reading."""
