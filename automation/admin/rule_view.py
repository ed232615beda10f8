"""A rule, or the trace of one that was evaluated, as a nested list that people can read."""

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from automation.core import rules
from automation.core.json import JsonObject
from automation.core.rules.sentence import phrase, value

GROUPS = {"all": "all of these", "any": "at least one of these", "none": "none of these"}


def rule_view(rule: JsonObject) -> SafeString:
    """`rule` must have passed rules.check. Of a trace, each line also says what was seen and what came of it."""
    if not rule or set(rule) == {"result"}:
        return SafeString("everybody")
    return format_html('<ul class="rule">{}</ul>', _node(rule))


def _node(node: JsonObject) -> SafeString:
    for group, title in GROUPS.items():
        if group in node:
            children = format_html_join("", "{}", ((_node(child),) for child in node[group]))
            return format_html("<li>{}{}<ul>{}</ul></li>", _verdict(node), title, children)
    return format_html("<li>{}{}{}</li>", _verdict(node), phrase(node), _seen(node))


def _verdict(node: JsonObject) -> SafeString:
    if "result" not in node:
        return SafeString("")
    return format_html('<b class="{}">{}</b> ', *(("yes", "yes") if node["result"] else ("no", "no")))


def _seen(node: JsonObject) -> SafeString:
    return format_html(" <i>(was {})</i>", value(node["seen"])) if "seen" in node else SafeString("")


def one_line(rule: JsonObject) -> str:
    """The same in a few words, for titles."""
    for group in rules.GROUPS:
        if group in rule:
            children = rule[group]
            if len(children) == 1 and group != "none":
                return one_line(children[0])
            return f"{GROUPS[group].removesuffix(' of these')} of {len(children)} conditions"
    return phrase(rule) if rule else "…"
