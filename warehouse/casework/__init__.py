"""Cases and their log, visits, tries, matters: added to and never changed, read as known by a day."""
