// The nodes of a rule as elements: groups, comparisons, and what this page cannot show. Each is { element, read(pointer) };
// read() also notes on the element where in the rule it stands, so that the server's faults find it.
import { button, make, select } from "./dom.js";
import { valueInput } from "./inputs.js";
import { PAST } from "./past.js";

const OTHER = "…";
const read = new WeakMap();  // By element, since elements are what is moved about.

export function rootOf(rule, scope) {
  const isGroup = Object.keys(scope.offer.groups).some((name) => name in rule);
  const root = group(isGroup ? rule : { all: Object.keys(rule).length ? [rule] : [] }, scope);
  const readRoot = (pointer) => {
    const [[name, children]] = Object.entries(root.read(pointer));
    if (!children.length) return {};
    return children.length > 1 || name === "none" ? root.read(pointer) : root.only(pointer);
  };
  return { element: root.element, read: readRoot };
}

function node(rule, scope) {
  const names = Object.keys(rule ?? {});
  if (Object.keys(scope.offer.groups).some((name) => names.includes(name) && Array.isArray(rule[name]))) return group(rule, scope);
  const past = Object.keys(PAST).find((name) => names.includes(name));
  if (past && scope.hasPast) return PAST[past](rule, scope);
  return "field" in (rule ?? {}) ? comparison(rule, scope) : asItIs(rule);
}

// From elsewhere, and of no kind that can be edited here: kept.
function asItIs(rule) {
  return { element: make("code", { text: JSON.stringify(rule) }), read: () => rule };
}

function comparison(rule, { offer, fields, hasPast }) {
  const known = () => fields.find(({ path }) => path === field.value) ?? { path: field.value, kind: "", values: [] };
  const field = fieldSelect(fields, rule.field);
  const other = make("input", { type: "text", "aria-label": "Its path", placeholder: "contact.attributes.…", value: "", hidden: true });
  const operatorPlace = make("span"), valuePlace = make("span");  // Apart: what is moved in the page loses the focus.
  let operator, value;
  const showValue = (given) => {
    value = valueInput(offer.operators[operator.value].takes, known(), offer.units, given);
    valuePlace.replaceChildren(value.element);
  };
  const showOperators = (op, given) => {
    const fits = Object.entries(offer.operators).filter(([name, one]) =>
      name === op || ((!known().kind || one.kinds.includes(known().kind)) && (hasPast || one.timeless)));
    operator = select("Comparison", fits.map(([name, one]) => [name, one.words]), op);
    operator.addEventListener("change", () => showValue());
    operatorPlace.replaceChildren(operator);
    showValue(given);
  };
  field.addEventListener("change", () => {
    other.hidden = field.value !== OTHER;
    if (!other.hidden) other.focus();
    showOperators();
  });
  showOperators(rule.op in offer.operators ? rule.op : undefined, rule.value);
  const path = () => field.value === OTHER ? other.value : field.value;
  const element = make("div", { class: "condition-comparison", children: [field, other, operatorPlace, valuePlace] });
  return { element, read: () => ({ field: path(), op: operator.value, value: value.read() }) };
}

function fieldSelect(fields, path) {
  const groups = [...new Set(fields.map((one) => one.group))];
  const choices = groups.map((group) => ({ group, choices: fields.filter((one) => one.group === group).map((one) => [one.path, one.label]) }));
  if (path && !fields.some((one) => one.path === path)) choices.unshift([path, path]);
  return select("Field", [...choices, [OTHER, "another field …"]], path);
}

function group(rule, scope) {
  const name = Object.keys(scope.offer.groups).find((one) => one in rule) ?? "all";
  const match = select("Which must hold", Object.entries(scope.offer.groups), name);
  const list = make("ul");
  const add = (child) => {
    const made = item(node(child, scope), list);
    list.append(made);
    made.querySelector("select, input, textarea, button")?.focus();
    changed(list);
  };
  list.append(...rule[name].map((child) => item(node(child, scope), list)));
  const adders = [
    ["+ Condition", () => add({ field: scope.fields[0]?.path ?? "contact.email" })],
    ...(scope.hasPast ? [
      ["+ Event in the past", () => add({ did: scope.offer.events[0] ?? "" })],
      ["+ Mail", () => add({ mail: scope.offer.mail[0] })],
      ["+ Segment", () => add({ segment: scope.offer.segments[0]?.key ?? "" })],
    ] : []),
    ["+ Group", () => add({ any: [{ field: scope.fields[0]?.path ?? "contact.email" }] })],
  ].map(([text, press]) => make("button", { type: "button", text, on: { click: press } }));
  const element = make("div", { role: "group", "aria-label": "Group of conditions", class: "condition-group",
    children: [match, list, make("div", { class: "condition-adders", children: adders })] });
  const children = (prefix) => [...list.children].map((one, index) => read.get(one)(prefix ? `${prefix}/${index}` : ""));
  return {
    element,
    read: (pointer) => ({ [match.value]: children(`${pointer}/${match.value}`) }),
    only: (pointer) => read.get(list.firstElementChild)(pointer),
  };
}

function item(inner, list) {
  const element = make("li", { class: "condition" });
  const move = (by) => {
    const other = by < 0 ? element.previousElementSibling : element.nextElementSibling;
    if (!other) return;
    const focused = document.activeElement;
    by < 0 ? other.before(element) : other.after(element);
    focused.focus();
    changed(list);
  };
  const remove = () => {
    const next = element.nextElementSibling ?? element.previousElementSibling;
    const adder = list.parentElement.querySelector(":scope > .condition-adders button");
    element.remove();
    (next?.querySelector("select, input, button") ?? adder).focus();
    changed(list);
  };
  const buttons = make("span", { class: "condition-buttons", children: [
    button("↑", "Move up", () => move(-1)), button("↓", "Move down", () => move(1)), button("×", "Remove", remove)] });
  element.append(inner.element, buttons, make("p", { class: "condition-fault", hidden: true }));
  element.addEventListener("keydown", (event) => {
    if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    move(event.key === "ArrowUp" ? -1 : 1);
  });
  read.set(element, (pointer) => {
    element.dataset.pointer = pointer;
    return inner.read(pointer);
  });
  return element;
}

const changed = (element) => element.dispatchEvent(new Event("change", { bubbles: true }));
