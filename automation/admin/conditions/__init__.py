"""The condition builder: rules put together by hand, from what there is to ask, with no JSON to type.

The browser's part is in static/automation/conditions/. It knows the shapes of rules, and nothing else: which fields,
operators and values there are, it is told (offer.py), and what a rule says or lacks, it asks (views.py).
"""
