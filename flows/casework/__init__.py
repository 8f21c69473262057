"""The life of the cases, moved on day by day; knows the site, the transforms and the warehouse."""
