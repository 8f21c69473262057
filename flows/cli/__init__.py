"""The command line `zhaoren`: one file per group of commands; options, console and app are shared.

Opens homes and calls the other sub-rooms of flows; heavy imports wait inside the commands."""
