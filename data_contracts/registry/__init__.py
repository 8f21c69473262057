"""The tables of the warehouse as declared in `data_contracts/tables/`, and the types a column may have.

Touches the YAML only: DDL, comments and documents are made from it elsewhere.
"""
