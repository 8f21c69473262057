"""What is installed to run Zhaoren: its locks, licences and bill of materials. Nothing that runs needs it."""
