// The condition builder. It stands in for the text of each rule on the page and keeps that text up to date, since the
// text is what is posted. Without this script, or where the text is no rule, the text itself is edited.
import { make } from "./dom.js";
import { rootOf } from "./nodes.js";

const PAUSE_MS = 250;  // After the last change, before the server is asked what the rule says.
const offers = new Map();

function ask(url) {
  if (!offers.has(url)) offers.set(url, fetch(url).then((answer) => answer.json()));
  return offers.get(url);
}

const byTrigger = () => {
  const kind = document.querySelector("[name=trigger_kind]"), trigger = document.querySelector("[name=trigger]");
  return !trigger || (kind && kind.value !== "event") ? "" : `?id=${encodeURIComponent(trigger.value)}`;
};

// Of the field `name` that stands in the same form or the same row of it as this text.
const beside = (text, name) => document.querySelector(`[name="${text.name.replace(/[^-]*$/, "")}${name}"]`);

const isChosen = (field) => field?.value && !field.closest(".form-row")?.classList.contains("hidden");
const isAbove = (field, text) => field.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING;

// A rule that is about another event than the trigger's names the field that says which (data-event).
const byOwnEvent = (text) => {
  const chosen = text.dataset.event ? beside(text, text.dataset.event) : null;
  if (!isChosen(chosen)) return "";
  return `?${/^\d+$/.test(chosen.value) ? "id" : "name"}=${encodeURIComponent(chosen.value)}`;
};

// Rows above this text that name an event in such a field wait for it, so it may have come by then. Whether it has on
// all ways that lead here, publishing looks at.
const awaitedBefore = (text) => {
  const fields = text.dataset.event ? [...document.querySelectorAll(`[name$="-${text.dataset.event}"]`)] : [];
  const own = beside(text, text.dataset.event);
  return [...new Set(fields.filter((one) => one !== own && isChosen(one) && isAbove(one, text)).map((one) => one.value))];
};

class Builder {
  constructor(text, rule) {
    this.text = text;
    this.given = rule;
    this.place = make("div");
    this.sentence = make("p", { class: "condition-sentence", "aria-live": "polite" });
    this.element = make("div", { class: "conditions", role: "group", ...nameOf(text), children: [this.place, this.sentence] });
    this.element.addEventListener("input", () => this.changed());
    this.element.addEventListener("change", () => this.changed());
  }

  // With what can be chosen for the event that is chosen now. What was put together before it came stays.
  async show() {
    const shown = this.shown = (this.shown ?? 0) + 1;
    const offer = await ask(this.text.dataset.offer + (byOwnEvent(this.text) || byTrigger()));
    const awaited = await Promise.all(awaitedBefore(this.text).map((name) => this.awaited(name)));
    if (shown !== this.shown) return;
    const rule = this.root ? this.root.read("") : this.given;
    const where = async (name, below) => {
      const [about, fields] = await this.about(name);
      return rootOf(below, { offer: about, fields, hasPast: false });
    };
    this.root = rootOf(rule, { offer, fields: [...offer.fields, ...awaited.flat()], hasPast: true, where });
    this.place.replaceChildren(this.root.element);
    this.text.hidden = true;
    if (!this.element.isConnected) this.text.after(this.element);
    this.tell(rule);
  }

  // What there is to choose from of events of this name, and the fields of one.
  async about(name) {
    const about = await ask(`${this.text.dataset.offer}?name=${encodeURIComponent(name)}`);
    return [about, about.fields.filter(({ path }) => path.startsWith("event."))];
  }

  async awaited(name) {
    const [, fields] = await this.about(name);
    return fields.map((one) => ({ ...one, group: `Awaited ${name}`, path: one.path.replace(/^event/, "awaited") }));
  }

  changed() {
    const rule = this.root.read("");
    this.text.value = Object.keys(rule).length ? JSON.stringify(rule, null, 2) : "";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tell(rule), PAUSE_MS);
  }

  async tell(rule) {
    this.root.read("");  // Notes where each node stands.
    const turn = this.turn = (this.turn ?? 0) + 1;
    const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
    const answer = await fetch(this.text.dataset.sentence, { method: "POST", headers: { "X-CSRFToken": token }, body: JSON.stringify(rule) })
      .then((response) => response.json()).catch(() => ({ faults: [{ pointer: "", message: "The server does not answer." }] }));
    if (turn !== this.turn) return;
    this.sentence.textContent = answer.sentence ?? "This rule is not complete yet.";
    this.blame(answer.faults ?? []);
  }

  // Each fault is said at the innermost condition that it is about.
  blame(faults) {
    const conditions = [...this.element.querySelectorAll("[data-pointer]")];
    for (const one of conditions) {
      const note = one.querySelector(":scope > .condition-fault");
      const mine = faults.filter(({ pointer }) => innermost(conditions, pointer) === one);
      note.textContent = mine.map(({ message }) => message).join(" ");
      note.hidden = !mine.length;
      one.classList.toggle("at-fault", mine.length > 0);
    }
    const others = faults.filter(({ pointer }) => !innermost(conditions, pointer));
    if (others.length) this.sentence.textContent = others.map(({ message }) => message).join(" ");
  }
}

function innermost(conditions, pointer) {
  const around = conditions.filter(({ dataset }) => `${pointer}/`.startsWith(`${dataset.pointer}/`));
  return around.sort((a, b) => b.dataset.pointer.length - a.dataset.pointer.length)[0];
}

// By its label, which may come to say something else (steps.js).
function nameOf(text) {
  const label = text.labels?.[0];
  if (!label) return { "aria-label": "Conditions" };
  label.id ||= `${text.id}-label`;
  return { "aria-labelledby": label.id };
}

function build(text) {
  if (text.builder || text.name.includes("__prefix__")) return;
  let rule;
  try {
    rule = text.value.trim() ? JSON.parse(text.value) : {};
  } catch {
    return;
  }
  if (typeof rule !== "object" || rule === null || Array.isArray(rule)) return;
  text.builder = new Builder(text, rule);
  text.builder.show();
}

const all = (within) => [...within.querySelectorAll("textarea[data-offer]")];

document.addEventListener("formset:added", (event) => all(event.target).forEach(build));
document.addEventListener("change", ({ target }) => {
  if (!target.matches("select")) return;
  const isTrigger = target.matches("[name=trigger], [name=trigger_kind]");
  const says = (name, text) => target === beside(text, name) || (target.name.endsWith(`-${name}`) && isAbove(target, text));
  const concerns = (text) => text.dataset.event && [text.dataset.event, "kind"].some((name) => says(name, text));
  for (const text of all(document)) {
    if (isTrigger || concerns(text)) text.builder?.show();
  }
});
all(document).forEach(build);
