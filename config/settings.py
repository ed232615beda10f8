"""Settings. Everything that differs between installations comes from the environment (see .env.example)."""

from pathlib import Path

import environ

from automation.core.residency import ForeignEvents
from config import logs, look, queues, retention
from config.choice import choice
from suppression.aliases import Aliases

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Base of the links that go out in mails, without a slash at its end.
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")

# --- Signalpost --------------------------------------------------------------------------------------------------
# Keys the hash by which suppressed addresses are stored. Losing it loses every opt-out. To rotate it: another key, the
# next version, and the old key among the old ones, as in 1=the-old-key (docs/suppression.md).
SUPPRESSION_HASH_KEY = env.str("SUPPRESSION_HASH_KEY")
SUPPRESSION_HASH_KEY_VERSION = env.int("SUPPRESSION_HASH_KEY_VERSION", default=1)
SUPPRESSION_HASH_KEYS_OLD = env.dict("SUPPRESSION_HASH_KEYS_OLD", default={})
# Keep the plain address beside the hash, so that lists can be exported and rows re-keyed.
SUPPRESSION_KEEP_ADDRESS = env.bool("SUPPRESSION_KEEP_ADDRESS", default=False)
# Whether spellings of one mailbox count as one: off, on, or obey (suppression/aliases.py).
SUPPRESSION_PROVIDER_ALIASES = choice(env, "SUPPRESSION_PROVIDER_ALIASES", default=Aliases.OFF)
# Keys who falls into which rollout, holdout and split (automation/core/chance.py). Another one moves people between
# arms in mid-test, so SECRET_KEY, which is replaced now and then, is not asked.
_FIRST_KEY = SUPPRESSION_HASH_KEYS_OLD.get("1", SUPPRESSION_HASH_KEY)  # So that a rotation moves nobody.
CHANCE_KEY = env.str("CHANCE_KEY", default="") or f"chance:{_FIRST_KEY}"
# What it takes until an address is suppressed: how many in a row, how many hours apart at least, and how many days
# between first and last at least (suppression/strikes.py). 0 of them: never. A block never suppresses anybody.
SUPPRESS_AFTER = {
    "hard_bounce": (env.int("SUPPRESS_AFTER_HARD_BOUNCES", default=1), 0.0, 0.0),
    "complaint": (env.int("SUPPRESS_AFTER_COMPLAINTS", default=1), 0.0, 0.0),
    "soft_bounces": (
        env.int("SUPPRESS_AFTER_SOFT_BOUNCES", default=5),
        env.float("SOFT_BOUNCES_HOURS_APART", default=24.0),
        env.float("SOFT_BOUNCES_OVER_DAYS", default=7.0),
    ),
}
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
# Off, pumps run only when called (tests) or by beat.
WAKE = env.bool("WAKE", default=True)
# Seconds that a claim of messages holds (delivery/claim.py). Fault tests shorten it: they wait for leases to run out.
DELIVERY_LEASE_S = env.float("DELIVERY_LEASE_S", default=90.0)
# Which contacts may be kept and mailed here (automation/core/residency.py). Empty: all.
DEPLOYMENT_REGIONS = [region.strip().upper() for region in env.list("DEPLOYMENT_REGIONS", default=[])]
# What becomes of events of contacts whose home is elsewhere: refuse, or set_aside.
FOREIGN_EVENTS = choice(env, "FOREIGN_EVENTS", default=ForeignEvents.REFUSE)
# How long what is over is kept (automation/privacy/retain.py).
KEEP = retention.read(env)
# Which ports the calls of flows may go to (automation/core/destination.py).
HOOK_PORTS = [int(port) for port in env.list("HOOK_PORTS", default=["443"])]
# Not from the environment: tests alone call services on this machine.
HOOKS_TO_LOOPBACK = False
# Fetches certificates from Amazon's SNS. Not from the environment: only tests have another.
SNS_FETCH = "webhooks.sns.fetch"

# --- Django ------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.inlines",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_celery_beat",
    "anymail",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "suppression",
    "templates_app",
    "automation",
    "webhooks",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {
    "default": {
        **env.db_url("DATABASE_URL"),
        "ENGINE": "config.postgresql",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # Statements repeat endlessly in the pumps: let the server keep their plans. Turn off behind PgBouncer.
        "OPTIONS": {
            "server_side_binding": True,
            "prepare_threshold": 5 if env.bool("DATABASE_PREPARE", default=True) else None,
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = "config.formats"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
WHITENOISE_USE_FINDERS = True
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"  # Only Django's own mail; ours goes through accounts.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

# --- Security: strict unless PUBLIC_URL says that this is a plain-HTTP installation ---------------------------------
HTTPS = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

# --- Celery: wake-up calls only, so nothing in it may be needed ------------------------------------------------------
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=REDIS_URL)
CELERY_TASK_ROUTES = queues.ROUTES
CELERY_TASK_QUEUES = queues.queues(CELERY_BROKER_URL)
CELERY_TASK_DEFAULT_QUEUE = "advance"
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_DETECT_QUORUM_QUEUES = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_TIMEOUT = 2.0
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"confirm_publish": True, "read_timeout": 5, "write_timeout": 5}
    if queues.is_rabbitmq(CELERY_BROKER_URL)
    else {"socket_timeout": 5.0, "socket_connect_timeout": 2.0, "visibility_timeout": 3600}
)
# A second try is what makes kombu replace a connection that has died; without it a producer stays dead for ever.
CELERY_TASK_PUBLISH_RETRY = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0.0, "interval_step": 0.2, "interval_max": 0.2}
CELERY_BEAT_SCHEDULE = queues.beat_schedule()
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_TIMEZONE = "UTC"
# Without it, Celery closes the database connection after every task: a handshake and lost plans for each wake.
CELERY_DB_REUSE_MAX = 1_000_000_000

# --- API -----------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["automation.api.auth.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["automation.api.auth.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["automation.api.parsers.JsonParser"],
    "DEFAULT_THROTTLE_CLASSES": ["automation.api.throttle.PerKeyThrottle"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "automation.api.problems.problem_response",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Signalpost",
    "DESCRIPTION": "Tell Signalpost what happened; marketers decide what email follows.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
}
API_RATE_PER_MINUTE = env.int("API_RATE_PER_MINUTE", default=60_000)

# --- Logs: one JSON object a line, ids only ------------------------------------------------------------------------
LOGGING = logs.configure(env.str("LOG_LEVEL", default="INFO"))

UNFOLD = look.UNFOLD
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
