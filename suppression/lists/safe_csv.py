"""CSV that a spreadsheet shows and does not run. Read what we wrote, and it says the same.

https://owasp.org/www-community/attacks/CSV_Injection
"""

_ACTIVE = ("=", "+", "-", "@", "\t", "\r")


def disarm(cell: str) -> str:
    """An apostrophe in front makes it text; so it does before what begins with one, for the way back. Pure."""
    return f"'{cell}" if cell.startswith((*_ACTIVE, "'")) else cell


def rearm(cell: str) -> str:
    """What `disarm` was given. Pure."""
    return cell[1:] if cell.startswith(tuple(f"'{one}" for one in (*_ACTIVE, "'"))) else cell
