"""The tests. A package, because other packages on a bench bring a `tests` of their own."""
