"""How a case goes on, as dated YAML: its life, the matters that follow a visit, how a family is reached.

Whoever runs the stations edits the YAML; the Python beside it only reads and checks it.
"""
