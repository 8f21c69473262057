"""Whether warehouse, vault and archive of a home belong together; reads them, and takes former homes on.

May touch the databases it is handed and the archive's files; changes nothing but the first mark.
"""
