"""The words of the template language: of what minijinja knows, what templates may use."""

# Those that are left out load files, switch escaping off, or define what could call itself.
STATEMENTS = frozenset({"if", "elif", "else", "for", "set", "with"})  # And their ends.
# What the engine gives a meaning to wherever it stands, so that no variable can have that name.
KEYWORDS = frozenset({"and", "else", "false", "if", "in", "is", "loop", "none", "not", "or", "self", "super", "true"})

_NAMES = """
abs batch bool capitalize count d default e escape first fixed float int join last length list lower map max min
pluralize reject rejectattr replace reverse round select selectattr slice sort split string striptags sum title trim
truncate unique upper urlencode
"""
FILTERS = frozenset(_NAMES.split())
# `safe` and `tojson` skip escaping, `attr` and `items` look into objects, `format` and `indent` make size from numbers,
# and the others have no use in a mail.
NO_FILTERS = frozenset(
    {"attr", "chain", "dictsort", "filesizeformat", "format", "groupby", "indent", "items", "lines", "pprint", "safe"}
    | {"tojson", "wordwrap", "zip"}
)
_TEST_NAMES = """
boolean defined divisibleby endingwith eq equalto even false float ge greaterthan gt in int integer iterable le lessthan
lower lt ne none number odd sequence startingwith string true undefined upper
"""
TESTS = frozenset(_TEST_NAMES.split())
FUNCTIONS = frozenset({"range"})
NO_FUNCTIONS = frozenset({"cycler", "debug", "dict", "joiner", "namespace"})
