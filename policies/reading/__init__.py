"""The policy files of a folder read into one catalogue; every fault is kept, none stops the reading."""
