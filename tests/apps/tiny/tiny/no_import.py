"""Does not import: the release forgot to declare a dependency."""
import a_library_nobody_declared

application = a_library_nobody_declared.application
