/** The form of a command, with fields for its options. */

import { fill, h } from "./dom.js";
import { makeField } from "./fields.js";
import { icon } from "./icons.js";
import { takeApart } from "./typed-options.js";
import { t } from "./words.js";

let count = 0;

/**
 * `send(options)` returns a promise that rejects with a message; `leave()` is called on cancel.
 * `kept` restores the values of an earlier form, by option.
 */
export function commandForm(command, app, { send, leave, kept = {} }) {
  const fields = new Map();
  const context = {
    app,
    command,
    values,
    changed,
    complain: (name, words) => fields.has(name) && complain(fields.get(name), words),
    next,
  };
  const rows = h("div", { class: "fields" });
  const more = h("div", { class: "more-options", role: "group", "aria-label": t("More options") });
  const about = h("p", { class: "small" }, command.description);
  const problem = h("p", { class: "field-error command-error", role: "alert" });
  const button = h(
    "button",
    { type: "button", class: "button primary", onclick: submit },
    t("Send"),
  );
  const element = h(
    "section",
    { class: "command-form", "aria-label": `/${command.name}`, onkeydown: keys },
    heading(command, about, leave),
    h("div", { class: "command-body" }, rows, more),
    problem,
    h("footer", {}, h("p", { class: "small" }, t("Enter sends it, Esc leaves it")), button),
  );
  let sending = false;
  let wasAway = false;
  const isAway = () => Boolean(app.state.panel?.switches?.discord_away);
  // Which option was typed into the text of which other one, to be given back by Backspace.
  const typedInto = new Map();
  const declined = new Set();
  element.addEventListener("focusin", (event) => describe(event.target));
  rows.addEventListener("input", (event) => !event.isComposing && takeTyped(event.target));

  /** Describe the option that has the focus in full; its field may be too narrow for that. */
  function describe(target) {
    const field = [...fields.values()].find((one) => one.row.contains(target));
    const { name, description } = field?.option ?? {};
    about.textContent = description ? `${name}: ${description}` : command.description;
  }
  function add(option) {
    const field = makeField(option, context);
    const id = `field-error-${(count += 1)}`;
    const error = h("p", { class: "field-error", id, role: "alert" });
    field.input?.setAttribute("aria-describedby", id);
    field.input?.setAttribute("aria-required", String(Boolean(option.required)));
    const row = h(
      "div",
      { class: field.isFile ? "field wide" : "field" },
      caption(option, () => drop(option)),
      field.element,
      error,
    );
    rows.append(row);
    fields.set(option.name, { ...field, option, row, error });
    if (kept[option.name]) field.write(kept[option.name]);
    return fields.get(option.name);
  }
  /** Remove an option; the focus moves to the one before it. */
  function drop(option) {
    const names = [...fields.keys()];
    const before = fields.get(names[names.indexOf(option.name) - 1]);
    const empty = fields.get(option.name).read().value === undefined;
    fields.get(option.name).row.remove();
    fields.delete(option.name);
    declined.add(option.name);
    offer();
    const source = fields.get(typedInto.get(option.name));
    if (source && source.option !== option && empty) {
      source.type(`${source.input.value} ${option.name}:`.trimStart());
      source.focus();
    } else if (before) before.focus();
    else focusFirst();
  }
  function offer() {
    const left = command.options.filter((one) => !fields.has(one.name));
    fill(more, left.map(chip));
  }
  function chip(option) {
    const take = () => {
      const field = add(option);
      offer();
      field.focus();
      field.row.scrollIntoView({ block: "nearest" });
    };
    return h(
      "button",
      { type: "button", class: "option-chip", title: option.description, onclick: take },
      `+ ${option.name}`,
    );
  }
  /** Another option's name and a colon, written into a field, is where one goes on. */
  function takeTyped(input) {
    const here = [...fields.values()].find((one) => one.input === input);
    if (!here) return;
    const own = here.option.name;
    // The space behind the colon belongs to neither.
    if (input.value === " " && typedInto.has(own)) here.type("");
    const { before, given } = takeApart(input.value, command.options.filter(mayTake(own, input)));
    if (given.length === 0) return;
    here.type(before.trimEnd());
    for (const [option] of given) typedInto.set(option.name, own);
    const last = give(given);
    last?.field.focus();
  }
  /** What is filled in with a file already, or was taken back, is only words. */
  function mayTake(own, input) {
    const repeated = new RegExp(`^\\s*${own}[:：]`, "i");
    return (option) => {
      if (option.name === own) return repeated.test(input.value);
      const file = fields.get(option.name);
      return !declined.has(option.name) && !(file?.isFile && !file.isEmpty());
    };
  }
  /** Fill in options as they were typed, `[option, words]` each; the last of them. */
  function give(given) {
    const taken = given.map(([option, words]) => {
      const field = fields.get(option.name) ?? add(option);
      if (words.trim()) field.type?.(words);
      return { option, field };
    });
    offer();
    return taken.at(-1);
  }
  function values() {
    const read = [...fields].map(([name, field]) => [name, field.read().value]);
    return Object.fromEntries(read.filter(([, value]) => value !== undefined));
  }
  function changed(name) {
    if (fields.has(name)) complain(fields.get(name), "");
    problem.textContent = "";
  }
  function complain(field, words) {
    field.error.textContent = words;
    field.input?.setAttribute("aria-invalid", String(Boolean(words)));
  }
  /** Move to the first empty field, unless somebody is typing. */
  function next() {
    const writes = [...fields.values()].some((one) => one.input === document.activeElement);
    if (!element.isConnected || writes) return;
    const all = [...fields.values()];
    const empty = all.find((one) => one.read().error);
    (empty ?? all.find((one) => !one.isFile))?.focus();
    if (all.every((one) => one.isFile)) button.focus();
  }
  function focusFirst() {
    const empty = [...fields.values()].find((one) => one.read().error);
    (empty ?? [...fields.values()].at(0))?.focus();
    if (fields.size === 0) button.focus();
  }
  function check() {
    let first = null;
    for (const field of fields.values()) {
      const words = field.read().error ?? "";
      complain(field, words);
      if (words) first ??= field;
    }
    first?.focus();
    return !first;
  }
  async function submit() {
    // Only once, however often Enter is pressed: each request would be another video.
    if (sending) return;
    sending = true;
    // Not disabled, since it would lose the focus, and Esc with it.
    button.setAttribute("aria-disabled", "true");
    try {
      await Promise.all([...fields.values()].map((one) => one.settled?.()));
      problem.textContent = "";
      if (check()) await send(values());
    } catch (error) {
      problem.textContent = error.message;
      wasAway = isAway();
    } finally {
      sending = false;
      button.removeAttribute("aria-disabled");
    }
  }
  function keys(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      // Enter on a button presses the button.
      if (event.target.tagName === "BUTTON" || event.defaultPrevented) return;
      event.preventDefault();
      submit();
    } else if (event.key === "Backspace" && isAtStart(event.target)) backOut(event);
    else if (isLetter(event) && event.target.closest(".file-choices")) focusText();
  }
  /** Typing while the focus is on the picture's choices goes to the first text field. */
  function focusText() {
    [...fields.values()].find((one) => one.input)?.focus();
  }
  /** Backspace at the start removes an optional field, or leaves an empty form. */
  function backOut(event) {
    const field = [...fields.values()].find((one) => one.input === event.target);
    if (!field) return;
    const empty = event.target.value === "" && Object.keys(values()).length === 0;
    if (field.option.required && !empty) return;
    event.preventDefault();
    if (field.option.required) leave();
    else drop(field.option);
  }

  for (const option of command.options) if (option.required || kept[option.name]) add(option);
  offer();
  return {
    element,
    command,
    focusFirst,
    focusText,
    give,
    /** Drop an error that is over: Discord was away, and is back. */
    refresh() {
      if (wasAway && !isAway()) problem.textContent = "";
      wasAway &&= isAway();
    },
    /** The values for `kept`. */
    keep: () => Object.fromEntries([...fields].map(([name, one]) => [name, one.keep()])),
    field: (name) => fields.get(name),
    /** Give a file to the first option that needs one; return whether there is any. */
    takeFile(file) {
      const all = [...fields.values()].filter((one) => one.isFile);
      const field = all.find((one) => one.isEmpty()) ?? all[0];
      field?.take(file);
      return Boolean(field);
    },
  };
}

function isLetter({ key, ctrlKey, metaKey, altKey }) {
  return key.length === 1 && key !== " " && !ctrlKey && !metaKey && !altKey;
}

function isAtStart(input) {
  return input.selectionStart === 0 && input.selectionEnd === 0;
}

function heading(command, about, leave) {
  return h(
    "header",
    {},
    h("h2", {}, `/${command.name}`),
    about,
    h(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": t("Leave the command"),
        onclick: leave,
      },
      icon("close", 18),
    ),
  );
}

function caption(option, drop) {
  const out = { type: "button", class: "as-link small", "aria-label": t("Leave out {option}", { option: option.name }) };
  return h(
    "div",
    { class: "field-name" },
    h("span", { title: option.description }, option.name),
    option.required
      ? h("span", { class: "required", title: t("required") }, "*")
      : h("button", { ...out, onclick: drop }, t("leave out")),
  );
}
