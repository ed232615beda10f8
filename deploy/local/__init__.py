"""On one bare machine. The library is `stack.Stack`, the command behind `make run` and `make test` is `__main__`."""
