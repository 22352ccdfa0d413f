/** Select menus: a button that opens a list of options, filtered while typing. */

import { fill, h } from "./dom.js";
import { emoji } from "./emoji.js";
import { hex } from "./inline.js";
import { icon } from "./icons.js";
import { openPopover } from "./popover.js";
import { marked, t } from "./words.js";

export const STRING = 3;
const FILTER_FROM = 8;
const PLACEHOLDERS = {
  3: marked("Make a selection"),
  5: marked("Select a person"),
  6: marked("Select a role"),
  7: marked("Select a person or role"),
  8: marked("Select a channel"),
};
let count = 0;

/**
 * Make a select menu. `choose(values)` is called when the list closes with a different choice; with
 * a single choice, the list closes at once.
 */
export function selectMenu(component, app, choose, { labelledBy } = {}) {
  const options = optionsOf(component, app);
  const chosen = preset(component, options);
  const shown = h("span", { class: "select-value" });
  const button = h(
    "button",
    {
      type: "button",
      class: "select",
      disabled: component.disabled,
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      "aria-labelledby": labelledBy,
      onclick: open,
      dataset: { part: component.custom_id },
    },
    shown,
    icon("down", 18),
  );
  const empty = component.placeholder ?? t(PLACEHOLDERS[component.type]);

  function show() {
    const words = options
      .filter((one) => chosen.has(one.value))
      .map((one) => one.label)
      .join(", ");
    shown.textContent = words || empty;
    shown.classList.toggle("empty", !words);
    if (!labelledBy) button.setAttribute("aria-label", words ? `${empty}: ${words}` : empty);
  }
  function open() {
    openList(button, { component, options, chosen, empty, show, choose });
  }
  show();
  return button;
}

function optionsOf(component, app) {
  const scene = app.state.scene ?? {};
  const people = (scene.members ?? []).map((one) => ({
    value: one.id,
    label: one.display_name,
    description: `@${one.name}`,
    colour: one.colour,
  }));
  const roles = (scene.roles ?? []).map((one) => ({
    value: one.id,
    label: `@${one.name}`,
    colour: one.colour,
  }));
  const channels = (scene.channels ?? [])
    .filter((one) => one.kind !== "dm" && fits(one, component.channel_types))
    .map((one) => ({ value: one.id, label: `#${one.name}` }));
  const all = { 5: people, 6: roles, 7: [...people, ...roles], 8: channels };
  return all[component.type] ?? component.options ?? [];
}

function fits({ type }, types) {
  return !types?.length || types.includes(type);
}

function preset(component, options) {
  const given = (component.default_values ?? []).map((one) => one.id);
  const marked = options.filter((one) => one.default).map((one) => one.value);
  return new Set([...given, ...marked]);
}

function openList(button, { component, options, chosen, empty, show, choose }) {
  const most = component.max_values ?? 1;
  const least = component.required === false ? 0 : (component.min_values ?? 1);
  const before = [...chosen].join();
  const id = `select-list-${(count += 1)}`;
  const rows = h("div", {
    class: "select-rows",
    role: "listbox",
    id,
    "aria-label": empty,
    "aria-multiselectable": most > 1,
  });
  const filter = h("input", {
    class: "select-filter",
    type: "text",
    role: "combobox",
    placeholder: t("Search"),
    "aria-label": t("Search: {list}", { list: empty }),
    "aria-controls": id,
    "aria-expanded": "true",
    "aria-autocomplete": "list",
    autocomplete: "off",
    oninput: () => list(),
  });
  if (options.length < FILTER_FROM) filter.classList.add("visually-hidden");
  const box = h(
    "div",
    { class: "select-list", style: { minWidth: `${button.offsetWidth}px` } },
    filter,
    rows,
  );
  let shown = [];
  let active = 0;

  function list() {
    const typed = filter.value.trim().toLowerCase();
    shown = options.filter((one) =>
      `${one.label} ${one.description ?? ""}`.toLowerCase().includes(typed),
    );
    active = Math.max(
      0,
      shown.findIndex((one) => chosen.has(one.value)),
    );
    draw();
  }
  function draw() {
    fill(
      rows,
      shown.map(row),
      shown.length === 0 && h("p", { class: "select-none" }, t("No results")),
    );
    filter.setAttribute("aria-activedescendant", shown.length ? `${id}-${active}` : "");
    rows.children[active]?.scrollIntoView?.({ block: "nearest" });
  }
  function row(option, index) {
    const on = chosen.has(option.value);
    return h(
      "div",
      {
        role: "option",
        id: `${id}-${index}`,
        class: index === active ? "select-row active" : "select-row",
        "aria-selected": String(on),
        onclick: () => toggle(option),
      },
      face(option),
      h(
        "span",
        { class: "select-words" },
        h("span", {}, option.label),
        option.description && h("span", { class: "small" }, option.description),
      ),
      on && icon("check", 18),
    );
  }
  function toggle(option) {
    const had = chosen.has(option.value);
    if (most === 1) chosen.clear();
    if (had && (most > 1 || least === 0)) chosen.delete(option.value);
    else if (chosen.size < most) chosen.add(option.value);
    show();
    if (most === 1) close();
    else draw();
  }
  function ended() {
    button.setAttribute("aria-expanded", "false");
    const values = [...chosen];
    if (values.join() !== before && values.length >= least) choose(values);
  }
  filter.addEventListener("keydown", (event) => {
    const to = { ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: shown.length - 1 }[
      event.key
    ];
    if (event.key === "Tab") close();
    if (event.key === "Enter" && shown[active]) toggle(shown[active]);
    if (to !== undefined) active = Math.max(0, Math.min(to, shown.length - 1));
    if (to === undefined && event.key !== "Enter") return;
    event.preventDefault();
    if (box.isConnected) draw();
  });

  list();
  button.setAttribute("aria-expanded", "true");
  const close = openPopover(button, box, { onClose: ended });
  filter.focus({ preventScroll: true });
}

function face(option) {
  if (option.emoji) return emoji(option.emoji.name, { silent: true });
  return (
    option.colour &&
    h("span", { class: "dot", "aria-hidden": "true", style: { background: hex(option.colour) } })
  );
}
