"""How the things that a template names may be written."""

# A language tag as in BCP 47, without its rarer extensions: en, pt-BR, zh-Hant-TW.
LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z"
VARIABLE = r"^[A-Za-z][A-Za-z0-9_]*\Z"
# At least two names: what is asked (contact, event, …) and what of it.
PATH = r"^[A-Za-z_][\w-]*(\.[\w-]+)+\Z"
