/** A text box with a list to choose from, filtered or asked for while typing. */

import { fill, h } from "./dom.js";
import { hex } from "./inline.js";

let count = 0;
const ASK_AFTER_MS = 150;

/**
 * `find(typed)` gives the entries, `{value, label, description?, colour?}`, at once or as a promise.
 * `free`: what is typed counts although it was not chosen from the list.
 * Returns `{element, input, value(), set(value, label)}`.
 */
export function combobox({ label, placeholder, find, free = false, onchange = () => {} }) {
  const id = `combobox-${(count += 1)}`;
  let chosen = null;
  let shown = [];
  let active = 0;
  let asked = 0;
  let timer = null;

  const rows = h("div", { class: "combobox-rows", role: "listbox", id, hidden: true, "aria-label": label });
  const input = h("input", {
    type: "text",
    role: "combobox",
    class: "field-input",
    placeholder,
    "aria-label": label,
    "aria-controls": id,
    "aria-expanded": "false",
    "aria-autocomplete": "list",
    autocomplete: "off",
    oninput: () => {
      chosen = null;
      onchange();
      clearTimeout(timer);
      timer = setTimeout(list, ASK_AFTER_MS);
    },
    onfocus: () => list(),
    onblur: () => close(),
    onkeydown: keys,
  });

  async function list() {
    const mine = (asked += 1);
    const found = await find(chosen ? "" : input.value.trim()).catch?.(() => []) ?? [];
    await take(mine, found);
  }
  async function take(mine, found) {
    const entries = await found;
    if (mine !== asked || document.activeElement !== input) return;
    shown = entries;
    active = Math.max(0, shown.findIndex((one) => one.value === chosen?.value));
    draw();
  }
  function draw() {
    fill(rows, shown.map(row));
    rows.hidden = shown.length === 0;
    input.setAttribute("aria-expanded", String(!rows.hidden));
    input.setAttribute("aria-activedescendant", rows.hidden ? "" : `${id}-${active}`);
    rows.children[active]?.scrollIntoView?.({ block: "nearest" });
  }
  function row(entry, index) {
    return h(
      "div",
      {
        role: "option",
        id: `${id}-${index}`,
        class: index === active ? "combobox-row active" : "combobox-row",
        "aria-selected": String(entry.value === chosen?.value),
        // Before the box loses the focus, and with it the list.
        onpointerdown: (event) => {
          event.preventDefault();
          pick(entry);
        },
      },
      entry.colour &&
        h("span", { class: "dot", "aria-hidden": "true", style: { background: hex(entry.colour) } }),
      h("span", {}, entry.label),
      entry.description && h("span", { class: "small" }, entry.description),
    );
  }
  function pick(entry) {
    chosen = entry;
    input.value = entry.label;
    close();
    onchange();
  }
  function close() {
    asked += 1;
    rows.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-activedescendant", "");
  }
  function keys(event) {
    const to = { ArrowDown: active + 1, ArrowUp: active - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      if (rows.hidden) list();
      else {
        active = Math.max(0, Math.min(to, shown.length - 1));
        draw();
      }
      return;
    }
    if (rows.hidden) return;
    if ((event.key === "Enter" || event.key === "Tab") && shown[active] && !chosen) {
      if (event.key === "Enter") event.preventDefault();
      event.stopPropagation();
      pick(shown[active]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  }

  return {
    element: h("div", { class: "combobox" }, input, rows),
    input,
    isOpen: () => !rows.hidden,
    typed: () => input.value.trim(),
    value() {
      if (chosen) return chosen.value;
      const typed = input.value.trim();
      return free && typed ? typed : undefined;
    },
    set(value, words) {
      chosen = { value, label: words };
      input.value = words;
    },
  };
}

/** `find` over entries that are known: those whose words hold what was typed. */
export function among(entries) {
  return async (typed) => {
    const wanted = typed.toLowerCase();
    return entries().filter((one) =>
      `${one.label} ${one.description ?? ""}`.toLowerCase().includes(wanted),
    );
  };
}
