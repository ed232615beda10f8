// Inputs for what a rule compares with. Each is { element, read() }, and read() gives a value of JSON.
import { make, select } from "./dom.js";

let lists = 0;

// `shape` is what the operator takes (core/rules/shapes.py), `field` what is known of the field.
export function valueInput(shape, field, units, value) {
  const inputs = {
    scalars: () => lines(field, value),
    range: () => range(field, value),
    flag: () => flag(value ?? true),
    instant: () => instant(value),
    duration: () => duration(units, value),
    text: () => text(field, value),
    domain: () => text({ values: [] }, value),
  };
  return (inputs[shape] ?? (() => scalar(field, value)))();
}

export function duration(units, value, label = "How long") {
  const [unit, amount] = Object.entries(value && typeof value === "object" ? value : { days: 30 })[0];
  const count = make("input", { type: "number", min: 1, step: 1, value: amount, "aria-label": label });
  const of = select("Unit", units.map((one) => [one, one]), unit);
  return { element: make("span", { children: [count, of] }), read: () => ({ [of.value]: number(count) }) };
}

export function instant(value) {
  const type = !value || /^\d{4}-\d\d-\d\d$/.test(value) ? "date" : "text";
  const input = make("input", { type, value: value ?? "", "aria-label": "Date" });
  return { element: input, read: () => input.value };
}

export function count(value, label) {
  const input = make("input", { type: "number", min: 0, step: 1, value, "aria-label": label });
  return { element: input, read: () => number(input) };
}

// A number that is not there yet is null, which the server finds fault with.
const number = (input) => input.value === "" ? null : Number(input.value);

function flag(value) {
  const input = select("Value", [["true", "yes"], ["false", "no"]], String(value));
  return { element: input, read: () => input.value === "true" };
}

function text(field, value) {
  return suggesting(field, make("input", { type: "text", value: value ?? "", "aria-label": "Value" }), (input) => input.value);
}

function scalar(field, value) {
  const kind = field.kind === "boolean" || typeof value === "boolean" ? "boolean"
    : field.kind === "number" || typeof value === "number" ? "number" : "text";
  if (field.kind && field.kind !== "list") return ofKind(kind, field, value);
  return ofAnyKind(kind, field, value);
}

// Nobody knows what the field holds, so whoever asks says what to compare with.
function ofAnyKind(kind, field, value) {
  const kinds = select("Compare as", [["text", "text"], ["number", "number"], ["boolean", "yes or no"]], kind);
  let inner = ofKind(kind, field, value);
  const element = make("span", { children: [kinds, inner.element] });
  kinds.addEventListener("change", () => {
    const next = ofKind(kinds.value, field);
    inner.element.replaceWith(next.element);
    inner = next;
  });
  return { element, read: () => inner.read() };
}

function ofKind(kind, field, value) {
  if (kind === "boolean") return flag(value ?? true);
  if (kind === "number") return suggesting(field, make("input", { type: "number", step: "any", value: value ?? "", "aria-label": "Value" }), number);
  return text(field, value);
}

function lines(field, values) {
  const isNumber = field.kind === "number" || (Array.isArray(values) && values.length && values.every((one) => typeof one === "number"));
  const shown = Array.isArray(values) ? values.join("\n") : "";
  const input = make("textarea", { rows: 2, "aria-label": "Values, one a line", placeholder: "one a line" });
  input.value = shown;
  const read = () => input.value.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => isNumber && !Number.isNaN(Number(line)) ? Number(line) : line);
  return { element: input, read };
}

function range(field, ends) {
  const [low, high] = (Array.isArray(ends) ? ends : [undefined, undefined]).map((end) => scalar(field, end));
  return { element: make("span", { children: [low.element, " and ", high.element] }), read: () => [low.read(), high.read()] };
}

function suggesting(field, input, read) {
  if (!field.values?.length) return { element: input, read: () => read(input) };
  const list = make("datalist", { id: `condition-values-${++lists}`, children: field.values.map((value) => make("option", { value })) });
  input.setAttribute("list", list.id);
  input.autocomplete = "off";
  return { element: make("span", { children: [input, list] }), read: () => read(input) };
}
