"""The pages about who must not be mailed, and who agreed to be."""

from suppression.admin import lists, pages, rows, topics  # noqa: F401  # Importing registers.
