"""The shape of a configuration file. What is left out has the default that it has in the admin."""

from datetime import date, time, timedelta
from typing import Any

from django.db.models import Model
from msgspec import Struct, field

from automation import models
from automation.core.json import Json, JsonObject
from automation.core.lanes import Lane
from automation.delivery.providers import Provider
from automation.flows.models import LatePolicy, QuietHours, ReEntry, UncertainPolicy
from automation.flows.triggers import Timing
from automation.management.configuration.calendar_shape import Conversion, FrequencyCap, HouseRules, SendWindow
from automation.management.configuration.readers_shape import Brand, DoubleOptIn, Regions, Topic
from automation.management.configuration.steps import Step
from automation.management.configuration.warmups import Warmup
from templates_app import models as templates
from templates_app.models import Format, WhenMissing


def _default(model: type[Model], name: str) -> Any:
    return model._meta.get_field(name).get_default()  # type: ignore[union-attr]  # These are plain fields.


class EventType(Struct):
    description: str = ""
    schema: JsonObject = {}
    pii: list[str] = []
    sample: JsonObject = {}


class Retry(Struct):
    max_attempts: int = _default(models.EspAccount, "max_attempts")
    backoff_ms: int = _default(models.EspAccount, "backoff_ms")


class Brakes(Struct):
    """Percent of a day's mail that pause what sends it. null: no limit."""

    errors: float | None = _default(models.EspAccount, "max_error_percent")
    hard_bounces: float | None = _default(models.EspAccount, "max_bounce_percent")
    blocks: float | None = _default(models.EspAccount, "max_block_percent")
    complaints: float | None = _default(models.EspAccount, "max_complaint_percent")


class EspAccount(Struct):
    provider: Provider
    settings_env: str
    api_url: str = ""
    region: str = ""
    rate_limit: float = _default(models.EspAccount, "rate_limit")
    burst: int = _default(models.EspAccount, "burst")
    concurrency: int = _default(models.EspAccount, "concurrency")
    batch_calls: bool = _default(models.EspAccount, "batch_calls")
    retry: Retry = field(default_factory=Retry)
    brakes: Brakes = field(default_factory=Brakes)


class Sender(Struct):
    account: str
    email: str
    name: str = ""
    reply_to: str = ""
    postal_address: str = ""


class Route(Struct):
    account: str
    lane: Lane | None = None  # Here and below, left out: any.
    topic: str = ""
    sender: str = ""
    region: str = ""


class Block(Struct):
    name: str
    source: str = ""
    source_file: str = ""


class Variant(Struct):
    subject: str
    preheader: str = ""
    html: str = ""
    html_file: str = ""
    text: str = ""
    text_file: str = ""


class Variable(Struct):
    path: str
    missing: WhenMissing | None = None  # Left out: `default` where there is one, else `skip`.
    default: Json = None
    sample: Json = None


class Template(Struct):
    name: str
    variants: dict[str, Variant]  # By language; `default` is for everyone who has no better one.
    description: str = ""
    format: Format = _default(templates.Template, "format")
    variables: dict[str, Variable] = {}


class Segment(Struct):
    name: str
    rule: JsonObject
    description: str = ""


class OnEvent(Struct):
    event: str


class OnSegment(Struct):
    segment: str


class Schedule(Struct):
    timing: Timing | None
    at: time | None = None
    day: date | None = None
    zone: str = ""  # Left out: each contact's own.
    recurrence: str = ""
    date: str = ""
    offset_days: int = 0
    segment: str = ""
    everybody: bool = False


class OnSchedule(Struct):
    schedule: Schedule


Trigger = str | OnEvent | OnSegment | OnSchedule


class Ending(Struct):
    event: str = ""
    rule: JsonObject = field(name="if", default={})


class Late(Struct):
    policy: LatePolicy = _default(models.Flow, "late_policy")
    after: timedelta = _default(models.Flow, "late_after")


class Flow(Struct):
    name: str
    trigger: Trigger
    sender: str
    steps: list[Step]
    description: str = ""
    entry_rule: JsonObject = {}
    re_entry: ReEntry = _default(models.Flow, "re_entry")
    re_entry_after: timedelta | None = None
    re_entry_path: str = ""
    max_event_age: timedelta | None = None
    lane: Lane = _default(models.Flow, "lane")
    topic: str = ""
    uncertain_policy: UncertainPolicy = _default(models.Flow, "uncertain_policy")
    brakes: Brakes = field(default_factory=Brakes)
    send_window: SendWindow | None = None
    quiet_hours: QuietHours = _default(models.Flow, "quiet_hours")
    time_zone: str = ""
    rollout: float = _default(models.Flow, "rollout_percent")
    holdout: float = _default(models.Flow, "holdout_percent")
    goal: Ending | None = None
    exit: Ending | None = None
    late: Late = field(default_factory=Late)
    conversion: Conversion | None = None


class Configuration(Struct):
    event_types: dict[str, EventType] = {}
    topics: dict[str, Topic] = {}
    esp_accounts: dict[str, EspAccount] = {}
    senders: dict[str, Sender] = {}
    blocks: dict[str, Block] = {}
    templates: dict[str, Template] = {}
    segments: dict[str, Segment] = {}
    flows: dict[str, Flow] = {}
    frequency_caps: dict[str, FrequencyCap] = {}
    routes: list[Route] | None = None
    house_rules: HouseRules | None = None
    warmups: dict[str, dict[str, Warmup]] = {}  # By ESP account and domain.
    regions: Regions | None = None
    brand: Brand | None = None
    double_opt_in: DoubleOptIn | None = None
