"""The ESP sandbox: what takes the mail on a developer's machine, in tests and in benchmarks. No Django in here."""
