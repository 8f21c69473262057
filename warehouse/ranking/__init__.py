"""What orders the lists, and how it is judged: the log of use of models, drift, yields of signals."""
