/**
 * Fields for the options of a command. Each is `{element, focus(), read(), write(kept), keep(),
 * type(words)}`: `read()` returns `{value}` or `{error}` (shown at the field), `keep()` the value
 * for `write`; `type`, present only with an input, acts as if somebody typed the text.
 */

import { among, combobox } from "./combobox.js";
import { h } from "./dom.js";
import { fileField } from "./file-field.js";
import { t } from "./words.js";

const TEXT = 3;
const INTEGER = 4;
const BOOLEAN = 5;
const USER = 6;
const CHANNEL = 7;
const ROLE = 8;
const MENTIONABLE = 9;
const NUMBER = 10;
export const ATTACHMENT = 11;
const LONG_TEXT_FROM = 200;

/**
 * Make the field for an option. `context` has `app`, `command`, `values()` of all fields,
 * `changed(name)`, which must be called when a value changes, `complain(name, words)`, and `next()`,
 * which moves on.
 */
export function makeField(option, context) {
  if (option.type === ATTACHMENT) return fileField(option, context);
  if (option.type === BOOLEAN) return listed(option, context, truth);
  if (option.choices?.length) return listed(option, context, () => option.choices.map(entryOf));
  if (option.autocomplete) return completed(option, context);
  if ([USER, CHANNEL, ROLE, MENTIONABLE].includes(option.type)) {
    return listed(option, context, () => known(option, context.app.state.scene));
  }
  return written(option, context);
}

function truth() {
  return [
    { value: true, label: t("True") },
    { value: false, label: t("False") },
  ];
}

function entryOf(choice) {
  return { value: choice.value, label: choice.name };
}

function known(option, scene) {
  const people = scene.members.map((one) => ({
    value: one.id,
    label: one.display_name,
    description: one.bot ? t("app") : "",
    colour: one.colour,
  }));
  const roles = scene.roles.map((one) => ({
    value: one.id,
    label: one.name.startsWith("@") ? one.name : `@${one.name}`,
    colour: one.colour,
  }));
  const channels = scene.channels
    .filter((one) => fitting(one, option.channel_types))
    .map((one) => ({ value: one.id, label: `#${one.name}` }));
  return {
    [USER]: people,
    [ROLE]: roles,
    [CHANNEL]: channels,
    [MENTIONABLE]: [...people, ...roles],
  }[option.type];
}

function fitting({ kind, type }, types) {
  return kind !== "dm" && (!types?.length || types.includes(type));
}

function missing(option) {
  if (option.name === "prompt") return t("Write what should happen");
  return t("This option is required");
}

// --- text and numbers ---------------------------------------------------------------------

const INPUT_MODES = { [INTEGER]: "numeric", [NUMBER]: "decimal" };

function written(option, context) {
  const numeric = option.type === INTEGER || option.type === NUMBER;
  const long = option.type === TEXT && (option.max_length ?? 0) >= LONG_TEXT_FROM;
  const counter = h("span", { class: "field-count small", "aria-hidden": "true" });
  const input = h(long ? "textarea" : "input", {
    class: "field-input",
    rows: long ? 1 : undefined,
    type: long ? undefined : "text",
    inputmode: numeric ? INPUT_MODES[option.type] : undefined,
    "aria-label": option.name,
    placeholder: option.description,
    oninput: () => {
      count();
      context.changed(option.name);
    },
  });

  function count() {
    if (long) grow(input);
    const most = option.max_length;
    const used = [...input.value].length;
    counter.textContent = most && used > most * 0.75 ? `${used}/${most}` : "";
    counter.classList.toggle("over", Boolean(most) && used > most);
  }
  function write(kept) {
    input.value = kept;
    count();
  }
  function read() {
    const text = input.value.trim();
    if (!text) return option.required ? { error: missing(option) } : {};
    return numeric ? number(option, text) : length(option, text);
  }
  return {
    element: h("div", { class: "field-text" }, input, counter),
    input,
    focus: () => input.focus(),
    read,
    keep: () => input.value,
    write,
    type: write,
  };
}

function number(option, text) {
  const value = Number(text);
  const whole = option.type === INTEGER;
  if (!Number.isFinite(value) || (whole && !Number.isInteger(value))) {
    return { error: whole ? t("Write a whole number") : t("Write a number") };
  }
  const { min_value: least = -Infinity, max_value: most = Infinity } = option;
  return value < least || value > most ? { error: bounds(least, most) } : { value };
}

function bounds(least, most) {
  if (most === Infinity) return t("Write {least} or more", { least });
  if (least === -Infinity) return t("Write {most} or less", { most });
  return t("Write a number from {least} to {most}", { least, most });
}

function length(option, text) {
  const used = [...text].length;
  if (option.max_length && used > option.max_length) {
    return { error: t("At most {most} characters, not {used}.", { most: option.max_length, used }) };
  }
  if (option.min_length && used < option.min_length) {
    return { error: t("At least {least} characters.", { least: option.min_length }) };
  }
  return { value: text };
}

/** Adjust the height to the text, up to a few lines. */
export function grow(area) {
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight, 180)}px`;
}

// --- lists ----------------------------------------------------------------------------------

function listed(option, context, entries) {
  const box = combobox({
    onchange: () => context.changed(option.name),
    label: option.name,
    placeholder: option.description,
    find: among(entries),
  });
  return picked(option, box, entries);
}

function completed(option, context) {
  const box = combobox({
    onchange: () => context.changed(option.name),
    label: option.name,
    placeholder: option.description,
    free: option.type === TEXT,
    find: async (typed) => {
      const answer = await context.app.connection.request("complete", {
        channel: context.app.state.scene.channel,
        name: context.command.name,
        option: option.name,
        typed,
        options: context.values(),
      });
      return (answer.choices ?? []).map(entryOf);
    },
  });
  return picked(option, box, () => []);
}

function picked(option, box, entries) {
  return {
    element: box.element,
    input: box.input,
    focus: () => box.input.focus(),
    read() {
      const typed = box.typed().toLowerCase();
      const named = entries().find((one) => [one.label, one.value].some(says(typed)));
      const value = box.value() ?? named?.value;
      if (value !== undefined) return { value };
      if (typed) return { error: t("Choose one from the list") };
      return option.required ? { error: missing(option) } : {};
    },
    keep: () => ({ value: box.value(), label: box.typed() }),
    write(kept) {
      if (kept.value === undefined) box.type(kept.label);
      else box.set(kept.value, kept.label);
    },
    type: box.type,
  };
}

function says(typed) {
  return (words) => String(words).toLowerCase() === typed;
}
