"""Random rules of the whole language, with what they rest on, and random people near what they compare with.
It builds on the specification's trees (tests/spec/evaluator) and knows nothing of the product."""
