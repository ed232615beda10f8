// The page of a flow: shows of each step only the fields that its kind needs, called as they are there, and offers the
// other steps' names where one has to be named. Without this script every field shows, and everything still works.
"use strict";

(() => {
  const NAMES = "step-names";

  function showWhatIsNeeded(step) {
    const kind = step.querySelector("select[name$=-kind]");
    if (!kind) return;  // Who may only look sees texts, no fields.
    const needs = JSON.parse(kind.dataset.needs);
    const labels = needs[kind.value] ?? {};
    for (const name of new Set(Object.values(needs).flatMap(Object.keys))) {
      const field = step.querySelector(`.field-${name}`);
      field?.closest(".form-row").classList.toggle("hidden", !(name in labels));
      const label = field?.querySelector("label");
      if (label && name in labels) label.textContent = labels[name];
    }
  }

  function offerNames() {
    const keys = document.querySelectorAll(".form-group:not(.empty-form) input[name^=steps-][name$='-key']");
    const list = document.getElementById(NAMES);
    list.replaceChildren(...[...keys].filter((input) => !/-(next|else)_key$/.test(input.name)).map((input) => new Option(input.value)));
  }

  function prepare(step) {
    showWhatIsNeeded(step);
    for (const input of step.querySelectorAll("input[name$=-next_key], input[name$=-else_key]")) {
      input.setAttribute("list", NAMES);
      input.autocomplete = "off";
    }
    offerNames();
  }

  // A choice in the flow's own form that needs some fields and not others; one that is hidden needs none.
  function showWhatChoicesNeed() {
    const choices = [...document.querySelectorAll("#flow_form > * select[data-needs]")].filter((one) => !one.name.includes("-"));
    for (const choice of choices) {
      const needs = JSON.parse(choice.dataset.needs);
      const asked = !choice.closest(".form-row")?.classList.contains("hidden");
      for (const name of new Set(Object.values(needs).flat())) {
        const row = document.querySelector(`.field-${name}`)?.closest(".form-row");
        row?.classList.toggle("hidden", !asked || !(needs[choice.value] ?? []).includes(name));
      }
    }
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("#flow_form select[data-needs]")) showWhatChoicesNeed();
    if (event.target.matches("select[name$=-kind]")) showWhatIsNeeded(event.target.closest(".form-group"));
    if (event.target.matches("input[name$=-key]")) offerNames();
  });
  document.addEventListener("formset:added", (event) => {
    const step = event.target.closest(".form-group");
    prepare(step);
    requestAnimationFrame(() => { Alpine.$data(step).openRow = true; });  // By then unfold's Alpine knows the new row.
  });
  window.addEventListener("load", () => {
    const list = document.createElement("datalist");
    list.id = NAMES;
    document.body.append(list);
    document.querySelectorAll(".form-group[x-sort\\:item]").forEach(prepare);
    showWhatChoicesNeed();
  });
})();
