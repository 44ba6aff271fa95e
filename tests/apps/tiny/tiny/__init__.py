"""A WSGI app for the tests of bad deploys: it does what its variables say, good or bad."""
