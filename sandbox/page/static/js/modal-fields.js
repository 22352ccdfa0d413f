/** Fields of a form: texts with counters, menus, and text between them. */

import { h } from "./dom.js";
import { box, boxes, files, radios } from "./modal-choices.js";
import { markdown } from "./markdown.js";
import { selectMenu } from "./select.js";
import { t } from "./words.js";

const ROW = 1;
const TEXT_INPUT = 4;
const TEXT_DISPLAY = 10;
const LABEL = 18;
const PARAGRAPH = 2;
const LONGEST = 4000;
const MAKERS = {
  [TEXT_INPUT]: text,
  3: choice,
  5: choice,
  6: choice,
  7: choice,
  8: choice,
  19: files,
  21: radios,
  22: boxes,
  23: box,
};
const CHECKBOX = 23;
let count = 0;

/** Make a field: `element`, and for inputs also `id`, `value()`, `check()`, `focus()`. */
export function fieldOf(component, app) {
  if (component.type === TEXT_DISPLAY)
    return { element: h("div", { class: "modal-words" }, markdown(component.content, app)) };
  if (component.type === ROW)
    return labelled(component.components[0], component.components[0], app);
  if (component.type === LABEL) return labelled(component.component, component, app);
  return null;
}

function labelled(input, { label, description }, app) {
  const key = `field-${(count += 1)}`;
  const required = (input.required ?? true) && input.type !== CHECKBOX;
  const error = h("p", { class: "field-error", id: `${key}-error` });
  const tell = (control, problem) => show(control, error, problem);
  const context = { key, required, tell, described: Boolean(description) };
  const made = MAKERS[input.type]?.(input, context, app);
  if (!made) return null;
  const { control, below, ...field } = made;
  const element = h(
    "div",
    { class: "field" },
    h(
      "label",
      { for: key, id: `${key}-label` },
      label,
      required && h("span", { class: "required", title: t("required") }, " *"),
    ),
    description && h("p", { class: "small", id: `${key}-words` }, description),
    control,
    h("div", { class: "field-below" }, error, below),
  );
  return { element, id: input.custom_id, ...field };
}

function text(input, { key, required, tell, described }) {
  const long = input.style === PARAGRAPH;
  const most = input.max_length ?? LONGEST;
  const least = input.min_length ?? (required ? 1 : 0);
  const counter = h("span", { class: "counter" });
  const control = h(long ? "textarea" : "input", {
    id: key,
    class: "text-input",
    placeholder: input.placeholder,
    value: input.value ?? "",
    required,
    rows: long ? 4 : null,
    "aria-describedby": `${described ? `${key}-words ` : ""}${key}-error`,
    oninput: changed,
  });
  if (!long) control.type = "text";

  function changed() {
    const left = most - [...control.value].length;
    counter.textContent = left === most && most >= LONGEST ? "" : `${most - left} / ${most}`;
    counter.classList.toggle("over", left < 0);
    if (control.getAttribute("aria-invalid")) check();
  }
  function check() {
    const length = [...control.value].length;
    const problem = problemOf({ length, empty: !control.value.trim(), required, least, most });
    return tell(control, problem);
  }
  changed();
  return {
    control,
    below: counter,
    check,
    value: () => control.value,
    focus: () => control.focus(),
  };
}

function problemOf({ length, empty, required, least, most }) {
  if (required && empty) return t("This field is required.");
  if (length > most) return t("At most {most} characters, not {used}.", { most, used: length });
  if (length > 0 && length < least) return t("At least {least} characters.", { least });
  return "";
}

function choice(input, { key, required, tell }, app) {
  let chosen = (input.options ?? []).filter((one) => one.default).map((one) => one.value);
  if (input.default_values) chosen = input.default_values.map((one) => one.id);
  const pick = (values) => {
    chosen = values;
    check();
  };
  const control = selectMenu(input, app, pick, { labelledBy: `${key}-label` });
  control.id = key;
  function check() {
    return tell(control, required && chosen.length === 0 ? t("Choose one.") : "");
  }
  return { control, below: null, check, value: () => chosen, focus: () => control.focus() };
}

function show(control, error, problem) {
  error.textContent = problem;
  if (problem) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
  return !problem;
}
