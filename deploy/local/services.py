"""The servers below the application: ours where the user named none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from deploy.local import postgres, rabbitmq, valkey
from deploy.local.credentials import Credentials
from deploy.local.ports import Ports
from deploy.local.process import Program

Broker = Literal["redis", "rabbitmq"]


@dataclass(frozen=True)
class Services:
    """`programs` in their order of start; `urls` by the names the application knows them by."""

    programs: list[Program] = field(default_factory=list)
    urls: dict[str, str] = field(default_factory=dict)


def prepare(
    data_dir: Path,
    *,
    ports: Ports,
    secrets: Credentials,
    broker: Broker,
    durable: bool,
    external: Mapping[str, str],
) -> Services:
    """Make ready, without starting, every server that `external` does not name. Idempotent."""
    services = Services(urls=dict(external))
    if "DATABASE_URL" not in external:
        port, password = ports.get("postgres"), secrets.database_password
        services.programs.append(postgres.prepare(data_dir, port=port, password=password, durable=durable))
        services.urls["DATABASE_URL"] = postgres.url(port=port, password=password)
    if "REDIS_URL" not in external:
        port, password = ports.get("valkey"), secrets.redis_password
        services.programs.append(valkey.prepare(data_dir, port=port, password=password))
        services.urls["REDIS_URL"] = valkey.url(port=port, password=password, database=0)
    if "CELERY_BROKER_URL" not in external:
        if broker == "rabbitmq":
            port, inner = ports.get("rabbitmq"), (ports.get("rabbitmq-cluster"), ports.get("rabbitmq-names"))
            services.programs.extend(rabbitmq.prepare(data_dir, port=port, cluster_port=inner[0], names_port=inner[1]))
            services.urls["CELERY_BROKER_URL"] = rabbitmq.url(port=port)
        elif "REDIS_URL" in external:
            services.urls["CELERY_BROKER_URL"] = external["REDIS_URL"]
        else:  # A database of its own in our Valkey, so that the broker can be emptied by itself.
            services.urls["CELERY_BROKER_URL"] = valkey.url(port=port, password=password, database=1)
    return services
