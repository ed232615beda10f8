"""Lists come in and go out as CSV, whoever wrote them, however long they are, wherever one has stopped."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from suppression.address import hash_address, hash_domain
from suppression.lists import take_in as taking
from suppression.lists.export import export
from suppression.lists.formats import FORMATS
from suppression.lists.models import Chunk, ListImport
from suppression.lists.safe_csv import disarm, rearm
from suppression.lists.take_in import UnreadableList, cut, faults_of, take_in_next
from suppression.models import Reason, Suppression, Topic
from suppression.policy import Addressee, check_many
from tests.suppression.factories import NOW, make_suppression, make_topic

pytestmark = pytest.mark.django_db

ANA, BEN, EVE = "ana@example.com", "ben@example.com", "eve@example.com"
# As each provider's export begins, with what it says of three people, and when.
EXPORTS: dict[str, tuple[str, set[tuple[str, str]]]] = {
    "ses": (
        (
            "EmailAddress,Reason,LastUpdateTime\nana@example.com,BOUNCE,2026-01-02T03:04:05Z\n"
            "ben@example.com,COMPLAINT,2026-01-02T03:04:05Z\n"
        ),
        {(ANA, "hard_bounce"), (BEN, "complaint")},
    ),
    "ses-plain": (
        "ana@example.com,BOUNCE\nben@example.com,COMPLAINT\n",
        {(ANA, "hard_bounce"), (BEN, "complaint")},
    ),
    "sendgrid-bounces": (
        "status,reason,email,created\n5.1.1,550 no such user,ana@example.com,1767323045\n",
        {(ANA, "hard_bounce")},
    ),
    "sendgrid-invalid": (
        "reason,email,created\nMail domain unknown,ana@example.com,1767323045\n",
        {(ANA, "hard_bounce")},
    ),
    "sendgrid-spam": ("email,created,ip\nana@example.com,1767323045,192.0.2.1\n", {(ANA, "complaint")}),
    "sendgrid-unsubscribes": ("email,created\nana@example.com,1767323045\n", {(ANA, "unsubscribed")}),
    "mailgun-bounces": (
        'address,code,error,created_at\nana@example.com,550,"No such mailbox, sorry","Fri, 02 Jan 2026 03:04:05 GMT"\n',
        {(ANA, "hard_bounce")},
    ),
    "mailgun-complaints": (
        'address,created_at\nana@example.com,"Fri, 02 Jan 2026 03:04:05 GMT"\n',
        {(ANA, "complaint")},
    ),
    "mailgun-unsubscribes": (
        'address,tags,created_at\nana@example.com,*,"Fri, 02 Jan 2026 03:04:05 GMT"\n',
        {(ANA, "unsubscribed")},
    ),
    "postmark": (
        (
            "EmailAddress,SuppressionReason,Origin,CreatedAt\nana@example.com,HardBounce,Recipient,2026-01-02T03:04:05-05:00\n"
            "ben@example.com,SpamComplaint,Recipient,2026-01-02T03:04:05Z\n"
            "eve@example.com,ManualSuppression,Customer,2026-01-02T03:04:05Z\n"
        ),
        {(ANA, "hard_bounce"), (BEN, "complaint"), (EVE, "unsubscribed")},
    ),
    "any": ("Name,E-Mail\nAna,ana@example.com\n", {(ANA, "imported")}),
}


def take_in(text: str, name: str = "any", *, topic: Topic | None = None) -> Any:
    row = ListImport.objects.create(name="old list", format=name, topic=topic)
    cut(list_import=row, lines=io.StringIO(text, newline=""))
    while take_in_next(at=NOW):
        pass
    return ListImport.objects.with_progress().get(pk=row.pk)


def standing() -> set[tuple[bytes, str]]:
    return {(bytes(row.address_hash), row.reason) for row in Suppression.objects.all()}


def test_every_format_is_tried_here() -> None:
    assert set(EXPORTS) == set(FORMATS) - {"signalpost"}


@pytest.mark.parametrize("name", EXPORTS)
def test_a_providers_list_is_understood_as_it_exports_it(name: str) -> None:
    text, expected = EXPORTS[name]

    done = take_in(text, name)

    assert standing() == {(hash_address(address), reason) for address, reason in expected}
    assert (done.rows_read, done.news, done.rejected) == (len(expected), len(expected), 0)
    if FORMATS[name].at:
        assert all(row.evidence["told_at"].startswith("2026-01-02T0") for row in Suppression.objects.all())


def test_what_the_ses_command_prints_is_understood_as_it_is() -> None:
    summaries = [{"EmailAddress": ANA, "Reason": "BOUNCE", "LastUpdateTime": "2026-01-02T03:04:05+00:00"}]

    take_in(json.dumps({"SuppressedDestinationSummaries": summaries}, indent=2), "ses")

    assert standing() == {(hash_address(ANA), "hard_bounce")}


def test_unsubscribers_of_a_list_leave_the_topic_that_it_was_about() -> None:
    topic = make_topic()

    take_in(EXPORTS["sendgrid-unsubscribes"][0], "sendgrid-unsubscribes", topic=topic)

    row = Suppression.objects.get()
    assert (row.topic, row.scope, row.source) == (topic, "marketing", "old list")


def test_a_bad_row_costs_no_other_and_is_told_by_number_without_its_address() -> None:
    rows = ["ana@example.com,HardBounce", "nobody,HardBounce", "ben@example.com,Whim", ",HardBounce"]
    text = "\n".join(["EmailAddress,SuppressionReason", *rows])

    done = take_in(text, "postmark")

    assert standing() == {(hash_address(ANA), "hard_bounce")}
    faults = list(faults_of(done))
    assert [number for number, _ in faults] == [3, 4, 5]
    assert not any("nobody" in reason or "ben@" in reason for _, reason in faults)


def test_no_address_stays_in_a_chunk_once_it_is_taken_in() -> None:
    take_in(EXPORTS["postmark"][0], "postmark")

    assert [(chunk.rows, chunk.size) for chunk in Chunk.objects.all()] == [([], 3)]


@pytest.mark.parametrize(
    "text",
    ["", "\n", "name\nana\n", 'email\n"ana@example.com\n', "email\n" + "a" * 70_000, "{", '{"a": 1}', "\x00\x01\x02"],
)
def test_a_file_that_is_no_such_list_is_refused_whole(text: str) -> None:
    with pytest.raises(UnreadableList):
        take_in(text)

    assert not Chunk.objects.exists()
    assert ListImport.objects.get().failure


def test_a_fault_in_mid_file_takes_nothing_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "CHUNK", 2)
    lines = ["email\n", *(f"p{n}@example.com\n" for n in range(9)), '"unfinished']

    with pytest.raises(UnreadableList):
        take_in("".join(lines))

    assert not Suppression.objects.exists()


def test_a_stop_in_mid_way_loses_nothing_and_repeats_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "CHUNK", 10)
    row = ListImport.objects.create(name="list", format="any")
    cut(list_import=row, lines=["email\n", *(f"p{n}@example.com\n" for n in range(35))])
    take_in_next()
    with monkeypatch.context() as broken:
        broken.setattr(taking, "suppress_many", _die)
        with pytest.raises(KeyboardInterrupt):
            take_in_next()
    between = ListImport.objects.with_progress().get()

    while take_in_next():
        pass

    done = ListImport.objects.with_progress().get()
    assert (between.chunks_done, between.chunks, between.rows_read) == (1, 4, 10)
    assert (done.rows_read, done.news) == (35, 35)
    assert Suppression.objects.count() == 35


def _die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_chunk_costs_the_same_number_of_statements_however_long(django_assert_max_num_queries) -> None:
    def chunk(size: int, offset: int) -> None:
        row = ListImport.objects.create(name="list", format="any")
        cut(list_import=row, lines=["email\n", *(f"p{n + offset}@example.com\n" for n in range(size))])

    chunk(1, 0)
    with django_assert_max_num_queries(20) as first:
        take_in_next()
    chunk(900, 10)

    with django_assert_max_num_queries(len(first)):
        take_in_next()


@given(st.text())
def test_a_cell_is_text_to_any_spreadsheet_and_comes_back_as_it_was(cell: str) -> None:
    assert not disarm(cell).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert rearm(disarm(cell)) == cell


def test_what_is_exported_can_be_read_back_as_it_was(settings) -> None:
    settings.SUPPRESSION_KEEP_ADDRESS = True
    topic = make_topic()
    make_suppression(address_hash=hash_address(ANA), address=ANA, topic_id=topic.pk, note='=HYPERLINK("x")')
    make_suppression(address_hash=hash_address(BEN), reason=Reason.COMPLAINT, expires_at=NOW.replace(year=2030))
    make_suppression(address_hash=hash_domain("example.net"), address="@example.net", reason=Reason.MANUAL)
    make_suppression(address_hash=hash_address(EVE), reason=Reason.MANUAL, note="'quoted, with\nlines")
    lines = list(export(Suppression.objects.all()))
    before = _rows()
    Suppression.objects.all().delete()

    done = take_in("".join(lines), "signalpost")

    assert _rows() == before
    assert (done.news, done.rejected) == (4, 0)
    assert not any(cell.startswith(("=", "+", "-", "@")) for line in csv.reader(lines) for cell in line)


def _rows() -> set[tuple[object, ...]]:
    names = ("key_version", "address", "topic", "scope", "reason", "source", "note", "expires_at")
    return {
        (bytes(row.pop("address_hash")), *row.values()) for row in Suppression.objects.values("address_hash", *names)
    }


def test_an_export_is_streamed_row_by_row(django_assert_num_queries) -> None:
    make_suppression()
    with django_assert_num_queries(1):
        lines: Iterator[str] = export(Suppression.objects.all())
        assert next(lines).startswith("address,hash,")
        assert len(list(lines)) == 1


def test_commands_take_in_and_print_again(tmp_path, capsys) -> None:
    file = tmp_path / "list.csv"
    file.write_text("email\nana@example.com\nnobody\n")

    call_command("import_suppressions", file)
    told = capsys.readouterr()
    call_command("export_suppressions")

    assert "row 3:" in told.out
    assert "2 rows: 1 new, 1 rejected." in told.err
    assert hash_address(ANA).hex() in capsys.readouterr().out
    with pytest.raises(CommandError, match="no topic"):
        call_command("import_suppressions", file, topic="none")


def test_a_list_is_uploaded_and_its_bad_rows_are_downloaded(admin_client: Client) -> None:
    file = io.BytesIO(b"\xef\xbb\xbfEmailAddress,SuppressionReason\nana@example.com,HardBounce\nnobody,HardBounce\n")
    file.name = "dump.csv"
    form = {"name": "Postmark, old account", "format": "postmark", "topic": "", "file": file}

    admin_client.post(reverse("admin:suppression_listimport_add"), form)
    take_in_next()

    row = ListImport.objects.get()
    page = admin_client.get(reverse("admin:suppression_listimport_change", args=[row.pk])).content.decode()
    assert "Postmark: suppression dump" in page
    download: Any = admin_client.get(reverse("admin:suppression_listimport_faults", args=[row.pk]))
    text = b"".join(download.streaming_content).decode()
    assert text.startswith("row,reason\r\n3,")
    assert "nobody" not in text
    [verdict] = check_many([Addressee.of(ANA, None)], at=NOW)
    assert verdict.reason == "hard_bounce"


def test_a_file_that_is_no_list_is_refused_in_words(admin_client: Client) -> None:
    file = io.BytesIO(b"\xff\xfe\x00\x01")
    file.name = "photo.csv"
    form = {"name": "x", "format": "any", "topic": "", "file": file}

    page = admin_client.post(reverse("admin:suppression_listimport_add"), form, follow=True).content.decode()

    assert "not CSV in UTF-8" in page


def test_the_list_is_downloaded_by_who_may_see_it(admin_client: Client) -> None:
    make_suppression()

    response: Any = admin_client.get(reverse("admin:suppression_suppression_download"))

    assert len(b"".join(response.streaming_content).splitlines()) == 2
