/**
 * The options of a command as fields. Each is `{element, focus(), read(), write(kept), keep()}`:
 * `read()` gives `{value}` or `{error}` (words at the field), `keep()` what `write` restores.
 */

import { among, combobox } from "./combobox.js";
import { fill, h } from "./dom.js";
import { fileCard, sampleButtons, uploadFile, uploadSample } from "./uploads.js";

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

/** The field for an option; `context` has `app`, `command`, and `values()` of all fields. */
export function makeField(option, context) {
  if (option.type === ATTACHMENT) return attachment(option, context);
  if (option.type === BOOLEAN) return listed(option, () => TRUTH);
  if (option.choices?.length) return listed(option, () => option.choices.map(entryOf));
  if (option.autocomplete) return completed(option, context);
  if ([USER, CHANNEL, ROLE, MENTIONABLE].includes(option.type)) {
    return listed(option, () => known(option.type, context.app.state.scene));
  }
  return written(option);
}

const TRUTH = [
  { value: true, label: "True" },
  { value: false, label: "False" },
];

function entryOf(choice) {
  return { value: choice.value, label: choice.name };
}

function known(type, scene) {
  const people = scene.members.map((one) => ({
    value: one.id,
    label: one.display_name,
    description: one.bot ? "app" : "",
    colour: one.colour,
  }));
  const roles = scene.roles.map((one) => ({
    value: one.id,
    label: one.name.startsWith("@") ? one.name : `@${one.name}`,
    colour: one.colour,
  }));
  const channels = scene.channels
    .filter((one) => one.kind !== "dm")
    .map((one) => ({ value: one.id, label: `#${one.name}` }));
  return { [USER]: people, [ROLE]: roles, [CHANNEL]: channels, [MENTIONABLE]: [...people, ...roles] }[
    type
  ];
}

function missing(option) {
  if (option.type === ATTACHMENT) return "Choose a picture";
  if (option.name === "prompt") return "Write what should happen";
  return "This option is required";
}

// --- text and numbers ---------------------------------------------------------------------

function written(option) {
  const numeric = option.type === INTEGER || option.type === NUMBER;
  const long = option.type === TEXT && (option.max_length ?? 0) >= LONG_TEXT_FROM;
  const counter = h("span", { class: "field-count small", "aria-hidden": "true" });
  const input = h(long ? "textarea" : "input", {
    class: "field-input",
    rows: long ? 1 : undefined,
    type: long ? undefined : "text",
    inputmode: numeric ? "numeric" : undefined,
    "aria-label": option.name,
    placeholder: option.description,
    oninput: count,
  });

  function count() {
    if (long) grow(input);
    const most = option.max_length;
    const used = [...input.value].length;
    counter.textContent = most && used > most * 0.75 ? `${used}/${most}` : "";
    counter.classList.toggle("over", Boolean(most) && used > most);
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
    write(kept) {
      input.value = kept;
      count();
    },
  };
}

function number(option, text) {
  const value = Number(text);
  const whole = option.type === INTEGER;
  if (!Number.isFinite(value) || (whole && !Number.isInteger(value))) {
    return { error: whole ? "Write a whole number" : "Write a number" };
  }
  const { min_value: least, max_value: most } = option;
  if ((least !== undefined && value < least) || (most !== undefined && value > most)) {
    return { error: `Write a number from ${least ?? "any"} to ${most ?? "any"}` };
  }
  return { value };
}

function length(option, text) {
  const used = [...text].length;
  if (option.max_length && used > option.max_length) {
    return { error: `At most ${option.max_length} characters; these are ${used}` };
  }
  if (option.min_length && used < option.min_length) {
    return { error: `At least ${option.min_length} characters` };
  }
  return { value: text };
}

/** As high as what is written in it, up to a few lines. */
export function grow(area) {
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight, 180)}px`;
}

// --- lists ----------------------------------------------------------------------------------

function listed(option, entries) {
  const box = combobox({
    label: option.name,
    placeholder: option.description,
    find: among(entries),
  });
  return picked(option, box, entries);
}

function completed(option, context) {
  const box = combobox({
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
      const named = entries().find((one) => one.label.toLowerCase() === typed);
      const value = box.value() ?? named?.value;
      if (value !== undefined) return { value };
      if (typed) return { error: "Choose one of the list" };
      return option.required ? { error: missing(option) } : {};
    },
    keep: () => ({ value: box.value(), label: box.typed() }),
    write(kept) {
      if (kept.value === undefined) box.input.value = kept.label;
      else box.set(kept.value, kept.label);
    },
  };
}

// --- files ----------------------------------------------------------------------------------

function attachment(option, context) {
  let file = null;
  let coming = null;
  let problem = "";
  const chooser = h("input", {
    type: "file",
    class: "visually-hidden",
    tabindex: -1,
    "aria-hidden": "true",
    onchange: () => {
      if (chooser.files[0]) take(chooser.files[0]);
      chooser.value = "";
    },
  });
  const box = h("div", {
    class: "field-file",
    "aria-label": option.name,
    role: "group",
    tabindex: -1,
  });

  function draw() {
    if (coming) fill(box, h("p", { class: "small", role: "status" }, "Handing it in …"));
    else if (file) fill(box, fileCard(file, remove));
    else fill(box, choices(), problem && h("p", { class: "field-error" }, problem));
  }
  function choices() {
    return h(
      "div",
      { class: "file-choices" },
      sampleButtons((one) => receive(uploadSample(one))),
      h(
        "button",
        { type: "button", class: "button secondary choose-file", onclick: () => chooser.click() },
        "Choose a file",
      ),
      h("p", { class: "small" }, "or drop one on the page, or paste it"),
    );
  }
  function remove() {
    file = null;
    draw();
    context.changed();
  }
  async function receive(upload) {
    coming = upload;
    problem = "";
    draw();
    try {
      const got = await upload;
      if (coming !== upload) return;
      file = got;
    } catch (error) {
      problem = error.message;
    }
    coming = null;
    draw();
    context.changed();
    if (file) context.next(option);
  }
  function take(one) {
    return receive(uploadFile(one));
  }
  draw();
  return {
    element: h("div", {}, box, chooser),
    isFile: true,
    isEmpty: () => !file && !coming,
    focus() {
      const first = box.querySelector(".sample") ?? box.querySelector(".file-card button");
      if (first) return first.focus();
      // They are on their way; whoever has gone on meanwhile is left where they are.
      box.focus();
      return box.querySelector(".samples")?.addEventListener("filled", () => {
        if (document.activeElement === box) box.querySelector(".sample")?.focus();
      });
    },
    settled: async () => coming?.catch(() => {}),
    read() {
      if (file) return { value: { upload: file.id } };
      return option.required ? { error: problem || missing(option) } : {};
    },
    keep: () => file,
    write(kept) {
      file = kept;
      draw();
    },
    take,
    /** Take a sample picture, or the promise of one. */
    sample: (one) => receive(Promise.resolve(one).then(uploadSample)),
  };
}
