"""Texts that others wrote, made fit to be kept."""


def storable(text: str, *, limit: int) -> str:
    """`text`, cut to `limit` characters and without the few that PostgreSQL refuses: NUL and halves of surrogate pairs.

    For what must be written down whatever it holds, such as an ESP's answer or an exception's words.
    """
    return text[:limit].replace("\0", "").encode(errors="replace").decode()
