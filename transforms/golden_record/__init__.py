"""One value per attribute of a person where departments differ: survivorship rules, and who has died.

The rules are parameters (policies/parameters/identity.yaml); nothing here knows which source is right.
"""
