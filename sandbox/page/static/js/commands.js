/** The commands that are offered here: their names, and the list while typing `/`. */

import { fill, h } from "./dom.js";
import { takeApart } from "./typed-options.js";
import { counted, marked, t } from "./words.js";

const SUBCOMMAND = 1;
const GROUP = 2;
const TEXT = 3;
const NOT_FOUND = marked(
  "No such command here. To send this as a message, put a space before the slash.",
);

const NONE_HERE = marked(
  "I offer no commands in this conversation. Use them in a channel of a server.",
);

/** Return every command and subcommand as its own entry: `{name, description, options}`. */
export function entries(scene) {
  return (scene?.commands ?? []).flatMap((one) => unfolded(one.name, one));
}

function unfolded(name, one) {
  const options = one.options ?? [];
  const below = options.filter(({ type }) => type === SUBCOMMAND || type === GROUP);
  if (below.length > 0) return below.flatMap((sub) => unfolded(`${name} ${sub.name}`, sub));
  return [{ name, description: one.description, options }];
}

/** Return the entries that match what was typed after the slash; prefixes come first. */
export function matching(all, typed) {
  const wanted = typed.toLowerCase().trim();
  const rank = (one) => (one.name.startsWith(wanted) ? 0 : 1);
  return all.filter((one) => one.name.includes(wanted)).sort((a, b) => rank(a) - rank(b));
}

/**
 * Return the command whose full name was typed, followed by a space, as `{entry, kept, given}`:
 * `given` has the options typed with their names, `kept` the other text, for the first option that
 * takes any. Returns `null` if there is none.
 */
export function spelled(all, text) {
  const entry = all.find((one) => text.toLowerCase().startsWith(`/${one.name} `));
  if (!entry) return null;
  const { before, given } = takeApart(text.slice(entry.name.length + 2), entry.options);
  const rest = before.trim();
  const option = entry.options.find((one) => one.required && takesText(one));
  return { entry, kept: rest && option ? { [option.name]: rest } : {}, given };
}

function takesText(option) {
  return option.type === TEXT && !option.choices?.length && !option.autocomplete;
}

/** The list above the box. `choose(entry)` is called for the chosen one (Enter, Tab or click). */
export function commandList(choose) {
  const rows = h("div", { role: "listbox", id: "command-list", "aria-label": t("Commands") });
  const note = h("p", { class: "small commands-note" });
  const status = h("p", { class: "visually-hidden", role: "status" });
  // Pressing the list must not take the focus from the box, which would close the list.
  const held = { onmousedown: (event) => event.preventDefault() };
  const box = h("div", { class: "commands", hidden: true, ...held }, note, rows);
  let shown = [];
  let active = 0;

  function draw(input) {
    const open = shown.length > 0;
    fill(rows, shown.map(row));
    box.hidden = !open && !note.textContent;
    input.setAttribute("aria-expanded", String(open));
    input.setAttribute("aria-activedescendant", open ? `command-${active}` : "");
    rows.children[active]?.scrollIntoView({ block: "nearest" });
  }
  function row(entry, index) {
    const props = {
      role: "option",
      id: `command-${index}`,
      class: index === active ? "command-row active" : "command-row",
      "aria-selected": String(index === active),
      onclick: () => choose(entry),
    };
    return h(
      "div",
      props,
      h("img", { src: "/static/icon.svg", alt: "", width: 28, height: 28 }),
      h(
        "span",
        { class: "command-words" },
        h("span", {}, h("strong", {}, `/${entry.name}`), pills(entry.options)),
        h("span", { class: "small" }, entry.description),
      ),
    );
  }
  return {
    element: h("div", {}, box, status),
    /** `any`: whether there are commands here at all. */
    show(found, input, any = true) {
      shown = found;
      active = 0;
      const why = t(any ? NOT_FOUND : NONE_HERE);
      note.textContent = found.length > 0 ? "" : why;
      status.textContent = found.length > 0 ? number(found.length) : why;
      draw(input);
    },
    /** Update the list if it is open; the active entry stays active. */
    refresh(found, input, any = true) {
      if (box.hidden) return;
      const chosen = shown[active]?.name;
      this.show(found, input, any);
      active = Math.max(
        0,
        found.findIndex((one) => one.name === chosen),
      );
      draw(input);
    },
    hide(input) {
      shown = [];
      note.textContent = "";
      status.textContent = "";
      draw(input);
    },
    /** Handle a key; return whether the list used it. */
    key(event, input) {
      if (box.hidden) return false;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && shown.length > 0) {
        active = (active + step + shown.length) % shown.length;
        draw(input);
      } else if (event.key === "Escape") this.hide(input);
      else if (event.key === "Enter" && !event.shiftKey) take(shown[active]);
      else if (event.key === "Tab" && shown.length > 0) take(shown[active]);
      else return false;
      event.preventDefault();
      return true;
    },
  };
  function take(entry) {
    if (entry) choose(entry);
  }
}

function pills(options) {
  const required = options.filter((one) => one.required);
  const more = options.length - required.length;
  return [
    required.map((one) => h("span", { class: "command-option" }, one.name)),
    more > 0 && h("span", { class: "small" }, t("+{count} optional", { count: more })),
  ];
}

function number(count) {
  return counted(count, marked("1 command"), marked("{count} commands"));
}
