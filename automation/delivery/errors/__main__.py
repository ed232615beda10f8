"""Print the table as docs/errors.md shows it: `python -m automation.delivery.errors`."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from automation.delivery.errors.base import Row
from automation.delivery.errors.general import GENERAL
from automation.delivery.errors.tables import ANSWERS


def tables() -> str:
    """Markdown: the general table, then one for each provider."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "## Any provider\n"
    yield from _table(GENERAL)
    for provider, answers in ANSWERS.items():
        yield f"## {provider.label}\n"
        yield f"After [its documentation]({answers.source})."
        if answers.pause_headers:
            yield f"It also says in {', '.join(f'`{name}`' for name in answers.pause_headers)} when to come back."
        if answers.proof_header:
            yield f"It has taken a mail if the answer has `{answers.proof_header}`."
        yield ""
        yield from _table(answers.rows)


def _table(rows: Sequence[Row]) -> Iterator[str]:
    yield "| answer | outcome | do |"
    yield "|---|---|---|"
    for row in rows:
        yield f"| {_looked_for(row)} | {_meaning(row)} | {row.do} |"
    yield ""


def _looked_for(row: Row) -> str:
    status = f"{row.status[0]} to {row.status[-1]}" if isinstance(row.status, range) else str(row.status or "")
    named = [
        status,
        f"code `{row.code}`" if row.code else "",
        f"words `{row.text}`" if row.text else "",
        "with a Retry-After" if row.names_pause else "",
    ]
    return ", ".join(filter(None, named)).replace("|", "\\|")


def _meaning(row: Row) -> str:
    more = [
        "and no mail to the address any more" if row.address_refused else "",
        f"for {_said(row.pause)} at least" if row.pause else "",
    ]
    return ", ".join(filter(None, [f"`{row.outcome}`", *more]))


def _said(pause: timedelta) -> str:
    minutes = int(pause.total_seconds() // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"


if __name__ == "__main__":
    print(tables())  # noqa: T201
