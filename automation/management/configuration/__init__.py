"""Configuration as code: from a YAML file to rows, in one transaction. `apply.py` is the way in."""
