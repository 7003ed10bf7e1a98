"""One file a change. Migrations only add: SQLite batch mode would drop triggers and children."""
