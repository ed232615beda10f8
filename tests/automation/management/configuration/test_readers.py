"""Topics, regions, the brand of our pages and double opt-in in a file."""

import pytest

from automation.models import DoubleOptIn
from suppression.models import Brand, RegionRule, Topic
from suppression.regions import PRESETS, apply_preset
from tests.automation.management.conftest import SHOP

pytestmark = pytest.mark.django_db

TOPIC = """offers:
    name: Offers
    wording: Send me offers, and tell your partners.
    on_preference_page: false
    shares_personal_data: true
    translations:
      de: {name: Angebote, description: Was es gerade gibt}
      fr: {name: Offres, wording: Envoyez-moi des offres.}
"""
TOPICS = SHOP.replace("offers: {name: Offers}\n", TOPIC)
REGIONS = """
regions:
  presets: [GDPR, CAN-SPAM]
  rules:
    DE: {opt_in: true, law: UWG}
    BR: {law: LGPD}
    default: {opt_in: false}
"""
BRAND = """
brand: {name: Harbour Coffee, logo_file: logo.png, accent: "#00695c", privacy_url: "https://example.com/privacy"}
"""
CONFIRMING = SHOP.replace(
    "flows:\n",
    """  confirm:
    name: Please confirm
    variables:
      link: {path: confirmation.url, missing: refuse, sample: "https://example.com/"}
    variants:
      default: {subject: Please confirm, html: "<a href='{{ link }}'>Yes</a>"}
flows:
""",
)
DOUBLE_OPT_IN = """
double_opt_in: {template: confirm, sender: shop}
"""


def opt_ins():
    return dict(RegionRule.objects.values_list("region", "opt_in"))


def test_a_topic_says_what_people_agree_to_and_how_it_is_called_elsewhere(apply_text):
    apply_text(TOPICS)

    topic = Topic.objects.get()
    assert (topic.wording, topic.is_public, topic.is_shared) == ("Send me offers, and tell your partners.", False, True)
    assert list(topic.translations.values_list("language", "name", "description", "wording")) == [
        ("de", "Angebote", "Was es gerade gibt", ""),
        ("fr", "Offres", "", "Envoyez-moi des offres."),
    ]


def test_what_a_topic_does_not_say_any_more_is_as_it_was_by_default(apply_text):
    apply_text(TOPICS)

    report = apply_text(SHOP)

    assert str(report).splitlines()[:6] == [
        "~ topic offers",
        "    wording: Send me offers, and tell your partners. → nothing",
        "    is_public: false → true",
        "    is_shared: true → false",
        "    translations.de: removed",
        "    translations.fr: removed",
    ]


def test_rules_of_single_regions_stand_over_those_of_laws(apply_text):
    RegionRule.objects.create(region="JP")

    report = apply_text(SHOP + REGIONS)

    laws = dict(RegionRule.objects.values_list("region", "law"))
    gdpr, _ = PRESETS["GDPR"]
    assert opt_ins() == {**dict.fromkeys(gdpr, True), "US": False, "BR": True, "": False}
    assert (laws["FR"], laws["DE"], laws["US"], laws["BR"], laws[""]) == ("GDPR", "UWG", "CAN-SPAM", "LGPD", "")
    assert "~ regions\n    rules.JP: removed\n" in str(report)
    assert "    rules.default: added" in str(report)


def test_a_preset_is_the_same_in_a_file_as_by_its_button(apply_text):
    apply_preset("CCPA")
    before = list(RegionRule.objects.values())

    report = apply_text(SHOP + "regions: {presets: [CCPA]}")

    assert str(report).endswith("= 1 unchanged")
    assert list(RegionRule.objects.values()) == before


def test_a_file_without_regions_leaves_them_alone_and_says_so(apply_text):
    apply_preset("CAN-SPAM")

    report = apply_text(SHOP)

    assert opt_ins() == {"US": False}
    assert str(report).endswith("! Not in this file, and left as they are: 1 region rule.")


def test_the_brand_is_one_row_with_its_logo_within(apply_text, file):
    (file.parent / "logo.png").write_bytes(b"\x89PNG")

    report = apply_text(SHOP + BRAND)

    brand = Brand.objects.get()
    assert "+ brand" in str(report)
    assert (brand.name, brand.accent, brand.privacy_url) == ("Harbour Coffee", "#00695c", "https://example.com/privacy")
    assert brand.logo == "data:image/png;base64,iVBORw=="


def test_another_logo_is_told_by_its_kind_and_size(apply_text, file):
    (file.parent / "logo.png").write_bytes(b"\x89PNG")
    apply_text(SHOP + BRAND)
    (file.parent / "logo.png").write_bytes(b"\x89PNG" * 2)

    report = apply_text(SHOP + BRAND)

    assert "~ brand\n    logo: image/png of 30 characters → image/png of 34 characters" in str(report)


def test_double_opt_in_names_the_mail_that_asks(apply_text):
    report = apply_text(CONFIRMING + DOUBLE_OPT_IN)

    [row] = DoubleOptIn.objects.all()
    assert "+ double opt-in" in str(report)
    assert (row.template.key, row.sender.key) == ("confirm", "shop")


def test_a_second_time_changes_nothing(apply_text, file):
    (file.parent / "logo.png").write_bytes(b"\x89PNG")
    text = CONFIRMING.replace("offers: {name: Offers}\n", TOPIC) + REGIONS + BRAND + DOUBLE_OPT_IN
    apply_text(text)

    assert str(apply_text(text)) == "= 10 unchanged"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (TOPICS.replace("de: {", "nl: {"), ["line 13, topics.offers.translations.nl.language: Value 'nl' is not"]),
        (TOPICS.replace("name: Offres", "title: Offres"), ["translations.fr.title: Unknown", "fr: This lacks name."]),
        (SHOP + REGIONS.replace("GDPR", "GDPS"), ["regions.presets[0]: Expected one of GDPR, CAN-SPAM, CCPA."]),
        (SHOP + REGIONS.replace("BR:", "Brazil:"), ["regions.rules.Brazil.region: Write a region as contacts have it"]),
        (SHOP + REGIONS.replace("opt_in: true", "opt_in: sure"), ["regions.rules.DE.opt_in: Expected bool"]),
        (SHOP + BRAND, ["brand.logo_file: logo.png cannot be read: No such file"]),
        (SHOP + BRAND.replace("logo.png", "shop.yaml"), ["brand.logo_file: A logo is one of png, jpg, jpeg, webp."]),
        (SHOP + "brand: {accent: green}", ["brand.accent: Expected a colour such as #1f5fd0."]),
        (SHOP + "brand: {privacy_url: here}", ["brand.privacy_url: Enter a valid URL."]),
        (SHOP + DOUBLE_OPT_IN, ["double_opt_in.template: There is no template “confirm”"]),
        (CONFIRMING + DOUBLE_OPT_IN.replace("shop", "club"), ["double_opt_in.sender: There is no sender “club”"]),
        (SHOP + DOUBLE_OPT_IN.replace("confirm", "hello"), ["double_opt_in.template: This template has no variable"]),
    ],
)
def test_faults_are_told_where_they_are(text, faults_of, faults):
    told = faults_of(text)

    assert len(told) == len(faults), told
    assert all(fault in one for fault, one in zip(faults, told, strict=True)), told
