"""A proxy means test: the chance that an income nobody has stated lies below the line, and what that costs.

It orders and asks ("请核实收入"); it answers no rule, and no number of it is shown to a worker.
"""
