// Rows that ask about a contact's past: events that happened, mails that reached it, segments that it is in.
import { button, make, select } from "./dom.js";
import { count, duration, instant } from "./inputs.js";

const OFTEN = [["at_least", "at least"], ["at_most", "at most"], ["exactly", "exactly"], ["between", "between"], ["never", "never"]];
const WHEN = [["ever", "at any time"], ["within", "within the last"], ["since", "since"]];

export const PAST = { did: didRow, mail: mailRow, segment: segmentRow };

function didRow(node, { offer, where }) {
  const events = offer.events.includes(node.did) || !node.did ? offer.events : [node.did, ...offer.events];
  const event = select("Event", events.map((name) => [name, name]), node.did);
  const often = oftenInput(node), when = whenInput(node, offer.units);
  const place = make("div");
  let narrowed = null;
  const narrow = async (rule) => {
    narrowed = await where(event.value, rule);
    place.replaceChildren(narrowed.element, button("Any such event", "Ask no more about the event", () => { widen(); more.focus(); }));
    more.hidden = true;
    place.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const widen = () => {
    narrowed = null;
    place.replaceChildren();
    more.hidden = false;
    place.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const more = button("Only some such events", "Say which of these events count", async () => { await narrow({}); place.querySelector("select, input")?.focus(); });
  event.addEventListener("change", () => narrowed && narrow({}));
  const ready = node.where && Object.keys(node.where).length ? narrow(node.where) : null;
  const element = make("div", { class: "condition-past", children: [make("span", { text: "the contact did" }), event, often.element, when.element, more, place] });
  const read = (pointer) => ({ did: event.value, ...often.read(), ...when.read(), ...(narrowed ? { where: narrowed.read(`${pointer}/where`) } : {}) });
  return { element, read, ready };
}

function mailRow(node, { offer }) {
  const stage = select("What became of the mail", offer.mail.map((name) => [name, name === "sent" ? "was sent" : name]), node.mail);
  const template = select("Mail", [["", "any mail"], ...named(offer.templates, node.template, (name) => `the mail “${name}”`)], node.template ?? "");
  const often = oftenInput(node), when = whenInput(node, offer.units);
  const element = make("div", { class: "condition-past", children: [make("span", { text: "the contact" }), stage, template, often.element, when.element] });
  const read = () => ({ mail: stage.value, ...(template.value ? { template: template.value } : {}), ...often.read(), ...when.read() });
  return { element, read };
}

function segmentRow(node, { offer }) {
  const choices = named(offer.segments, node.segment, (name) => name);
  const segment = select("Segment", choices.length ? choices : [["", "there is none yet"]], node.segment);
  const element = make("div", { class: "condition-past", children: [make("span", { text: "the contact is in the segment" }), segment] });
  return { element, read: () => ({ segment: segment.value }) };
}

// By their keys. One that is not there, or not any more, is kept.
function named(rows, key, words) {
  const choices = rows.map((one) => [one.key, words(one.name)]);
  return !key || rows.some((one) => one.key === key) ? choices : [[key, key], ...choices];
}

function oftenInput({ at_least: least, at_most: most }) {
  const kind = most === 0 ? "never" : most === undefined ? "at_least" : least === undefined ? "at_most" : least === most ? "exactly" : "between";
  const choice = select("How often", OFTEN, kind);
  const low = count((kind === "at_most" ? most : least) ?? 1, "Times"), high = count(most || 1, "Times at most");
  const and = make("span", { text: "and" }), times = make("span", { text: "times" });
  const show = () => {
    low.element.hidden = times.hidden = choice.value === "never";
    and.hidden = high.element.hidden = choice.value !== "between";
  };
  choice.addEventListener("change", show);
  show();
  const read = () => ({
    at_least: { at_least: low.read() }, at_most: { at_most: low.read() }, never: { at_most: 0 },
    exactly: { at_least: low.read(), at_most: low.read() }, between: { at_least: low.read(), at_most: high.read() },
  }[choice.value]);
  return { element: make("span", { children: [choice, low.element, and, high.element, times] }), read };
}

function whenInput(node, units) {
  const choice = select("When", WHEN, node.within ? "within" : node.since ? "since" : "ever");
  const within = duration(units, node.within), since = instant(node.since);
  const show = () => {
    within.element.hidden = choice.value !== "within";
    since.element.hidden = choice.value !== "since";
  };
  choice.addEventListener("change", show);
  show();
  const read = () => ({ ever: {}, within: { within: within.read() }, since: { since: since.read() } }[choice.value]);
  return { element: make("span", { children: [choice, within.element, since.element] }), read };
}
