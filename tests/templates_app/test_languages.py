import pytest

from templates_app.languages import choose_language
from templates_app.models import TemplateVersion


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ("pt-BR", "pt-BR"),
        ("pt-br", "pt-BR"),
        ("pt_BR", "pt-BR"),
        ("pt-PT", "pt"),
        ("pt", "pt"),
        ("zh-Hant-TW", "zh-Hant"),
        ("zh", ""),
        ("de", ""),
        ("", ""),
        ("-", ""),
        ("ptx", ""),
    ],
)
def test_the_closest_language_is_chosen_else_the_default(wanted, chosen):
    version = TemplateVersion(content={"": {}, "pt": {}, "pt-BR": {}, "zh-Hant": {}})

    assert choose_language(version, wanted) == chosen
