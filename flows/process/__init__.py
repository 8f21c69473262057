"""How the process of a command is kept: what it creates, what it lets out on a screen, who can look into it.

Knows no other sub-room; the command line calls it before anything else is done.
"""
