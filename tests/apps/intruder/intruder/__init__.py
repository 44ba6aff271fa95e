"""A WSGI app that tries to get out of its replica, as an app of a hostile description would."""
