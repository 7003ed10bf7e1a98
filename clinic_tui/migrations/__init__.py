"""How the tables came to be: run by ``Database.upgrade``, from inside the package."""
