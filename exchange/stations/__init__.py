"""Tables that a data team keeps about the social-work stations themselves."""
