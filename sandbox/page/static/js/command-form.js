/** A command that was chosen, with its options to fill in. */

import { fill, h } from "./dom.js";
import { makeField } from "./fields.js";
import { icon } from "./icons.js";

let count = 0;

/**
 * `send(options)` is a promise that rejects with words; `leave()` when it is given up.
 * `kept` restores an earlier one: what its fields held, by option.
 */
export function commandForm(command, app, { send, leave, kept = {} }) {
  const fields = new Map();
  const context = { app, command, values, changed, next };
  const rows = h("div", { class: "fields" });
  const more = h("div", { class: "more-options" });
  const problem = h("p", { class: "field-error command-error", role: "alert" });
  const button = h("button", { type: "button", class: "button primary", onclick: submit }, "Send");
  const element = h(
    "section",
    { class: "command-form", "aria-label": `/${command.name}`, onkeydown: keys },
    h(
      "header",
      {},
      h("h2", {}, `/${command.name}`),
      h("p", { class: "small" }, command.description),
      h(
        "button",
        { type: "button", class: "icon-button", "aria-label": "Leave the command", onclick: leave },
        icon("close", 18),
      ),
    ),
    rows,
    more,
    problem,
    h("footer", {}, h("p", { class: "small" }, "Enter sends it, Esc leaves it"), button),
  );

  function add(option) {
    const field = makeField(option, context);
    const id = `field-error-${(count += 1)}`;
    const error = h("p", { class: "field-error", id, role: "alert" });
    field.input?.setAttribute("aria-describedby", id);
    const row = h(
      "div",
      { class: field.isFile ? "field wide" : "field" },
      h(
        "div",
        { class: "field-name" },
        h("span", {}, option.name),
        option.required && h("span", { class: "required", title: "required" }, "*"),
        !option.required &&
          h(
            "button",
            { type: "button", class: "as-link small", "aria-label": `Leave out ${option.name}`, onclick: () => drop(option) },
            "leave out",
          ),
      ),
      field.element,
      error,
    );
    rows.append(row);
    fields.set(option.name, { ...field, option, row, error });
    if (kept[option.name]) field.write(kept[option.name]);
    return fields.get(option.name);
  }
  function drop(option) {
    fields.get(option.name).row.remove();
    fields.delete(option.name);
    offer();
    focusFirst();
  }
  function offer() {
    const left = command.options.filter((one) => !fields.has(one.name));
    fill(
      more,
      left.map((one) =>
        h(
          "button",
          {
            type: "button",
            class: "option-chip",
            title: one.description,
            onclick: () => {
              const field = add(one);
              offer();
              field.focus();
            },
          },
          `+ ${one.name}`,
        ),
      ),
    );
  }
  function values() {
    const read = [...fields].map(([name, field]) => [name, field.read().value]);
    return Object.fromEntries(read.filter(([, value]) => value !== undefined));
  }
  function changed() {
    for (const { error } of fields.values()) error.textContent = "";
  }
  /** On to the first that is still empty. */
  function next() {
    if (!element.isConnected) return;
    for (const field of fields.values()) {
      if (field.read().error) return field.focus();
    }
    [...fields.values()].find((one) => !one.isFile)?.focus();
  }
  function focusFirst() {
    const empty = [...fields.values()].find((one) => one.read().error);
    (empty ?? [...fields.values()].at(0))?.focus();
    if (fields.size === 0) button.focus();
  }
  async function submit() {
    await Promise.all([...fields.values()].map((one) => one.settled?.()));
    let first = null;
    for (const field of fields.values()) {
      field.error.textContent = field.read().error ?? "";
      field.input?.setAttribute("aria-invalid", String(Boolean(field.error.textContent)));
      if (field.error.textContent) first ??= field;
    }
    if (first) return first.focus();
    button.disabled = true;
    problem.textContent = "";
    try {
      await send(values());
    } catch (error) {
      problem.textContent = error.message;
    }
    button.disabled = false;
    return undefined;
  }
  function keys(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      leave();
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      // A button's Enter presses it.
      if (event.target.tagName === "BUTTON" || event.defaultPrevented) return;
      event.preventDefault();
      submit();
    } else if (event.key === "Backspace" && event.target.value === "" && fields.size) {
      const [name] = [...fields].find(([, one]) => one.input === event.target) ?? [];
      const option = fields.get(name)?.option;
      if (option && !option.required) {
        event.preventDefault();
        drop(option);
      }
    }
  }

  for (const option of command.options) if (option.required || kept[option.name]) add(option);
  offer();
  return {
    element,
    command,
    focusFirst,
    /** What `kept` restores. */
    keep: () => Object.fromEntries([...fields].map(([name, one]) => [name, one.keep()])),
    field: (name) => fields.get(name),
    /** Take a file for the first option that wants one; whether there is any. */
    takeFile(file) {
      const all = [...fields.values()].filter((one) => one.isFile);
      const field = all.find((one) => one.isEmpty()) ?? all[0];
      field?.take(file);
      return Boolean(field);
    },
  };
}
