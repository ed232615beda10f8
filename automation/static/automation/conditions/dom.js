// Small elements with names that assistive technology reads out.

export function make(tag, { text, children = [], on = {}, ...attributes } = {}) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
  element.append(...children);
  return element;
}

export function button(text, label, press) {
  return make("button", { type: "button", text, "aria-label": label, title: label, on: { click: press } });
}

// `choices`: [value, words], or { group, choices } for some that belong together.
export function select(label, choices, value) {
  const options = choices.map((choice) => Array.isArray(choice) ? option(choice)
    : make("optgroup", { label: choice.group, children: choice.choices.map(option) }));
  const element = make("select", { "aria-label": label, children: options });
  element.value = value;
  if (element.selectedIndex < 0 && element.options.length) element.selectedIndex = 0;
  return element;
}

const option = ([value, words]) => make("option", { value, text: words });
