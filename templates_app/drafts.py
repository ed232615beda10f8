"""Reading a template's rows as the Draft that they are."""

from templates_app.blocks import reachable
from templates_app.draft import JSON, Declared, Draft, Parts
from templates_app.models import Block, Template


def draft_of(template: Template) -> Draft:
    """The template as it stands. Three queries."""
    languages = {
        variant.language: Parts(
            subject=variant.subject, preheader=variant.preheader, html=variant.html, text=variant.text
        )
        for variant in template.variants.all()
    }
    blocks = dict(Block.objects.values_list("key", "source"))
    variables = [
        Declared(
            name=variable.name,
            path=variable.path,
            missing=variable.missing,
            default="" if variable.default is None else variable.default,
        )
        for variable in template.variables.all()
    ]
    return Draft(
        format=template.format,
        languages=languages,
        blocks=reachable((parts["html"] for parts in languages.values()), blocks),
        variables=variables,
    )


def samples_of(template: Template) -> dict[str, JSON]:
    """A value for each variable that has a sample, or else a default. One query."""
    samples = {}
    for variable in template.variables.all():
        value = variable.default if variable.sample is None else variable.sample
        if value is not None or variable.missing == "default":
            samples[variable.name] = "" if value is None else value
    return samples
