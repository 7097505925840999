"""Files become records in the library."""
