/** A text box with a list of suggestions, which is filtered or requested while typing. */

import { fill, h } from "./dom.js";
import { hex } from "./inline.js";
import { marked, t } from "./words.js";

const ASK_AFTER_MS = 150;
const GAP = 6;
const HIGHEST = 240;
const LEAST_ROOM = 120;
const NOTHING = marked("No matches");
let count = 0;

/**
 * `find(typed)` returns the entries, `{value, label, description?, colour?}`, or a promise of them,
 * which may reject with a message. `free`: text that is not in the list is accepted as well.
 * Returns `{element, input, typed(), value(), type(words), set(value, label)}`.
 */
export function combobox({ label, placeholder, find, free = false, onchange = () => {} }) {
  const id = `combobox-${(count += 1)}`;
  let chosen = null;
  let shown = [];
  let active = 0;
  let touched = false;
  let asked = 0;
  let timer = null;

  const rows = h("div", { role: "listbox", id, "aria-label": label });
  const note = h("p", { class: "small combobox-note", role: "status" });
  // Pressing the list must not take the focus from the box, which would close the list.
  const held = { onmousedown: (event) => event.preventDefault() };
  const pop = h("div", { class: "combobox-rows", hidden: true, ...held }, note, rows);
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
      touched = true;
      clearTimeout(timer);
      timer = setTimeout(list, ASK_AFTER_MS);
    },
    onfocus: () => list(),
    onclick: () => pop.hidden && list(),
    onblur: () => close(),
    onkeydown: keys,
  });

  async function list() {
    const mine = (asked += 1);
    const { entries, words } = await found(chosen ? "" : input.value.trim());
    if (mine !== asked || document.activeElement !== input) return;
    shown = entries;
    note.textContent = free && words === t(NOTHING) ? "" : words;
    const index = shown.findIndex((one) => one.value === chosen?.value);
    active = Math.max(0, index);
    draw();
  }
  async function found(typed) {
    try {
      const entries = await find(typed);
      return { entries, words: entries.length > 0 ? "" : t(NOTHING) };
    } catch (error) {
      return { entries: [], words: error.message };
    }
  }
  function draw() {
    fill(rows, shown.map(row));
    const open = shown.length > 0;
    if (pop.hidden) document.addEventListener("scroll", place, true);
    pop.hidden = !open && !note.textContent;
    input.setAttribute("aria-expanded", String(open));
    input.setAttribute("aria-activedescendant", open ? `${id}-${active}` : "");
    place();
    rows.children[active]?.scrollIntoView({ block: "nearest" });
  }
  function row(entry, index) {
    const props = {
      role: "option",
      id: `${id}-${index}`,
      class: index === active ? "combobox-row active" : "combobox-row",
      "aria-selected": String(entry.value === chosen?.value),
      onclick: () => pick(entry),
    };
    const dot = { class: "dot", "aria-hidden": "true", style: { background: hex(entry.colour) } };
    return h(
      "div",
      props,
      entry.colour && h("span", dot),
      h("span", {}, entry.label),
      entry.description && h("span", { class: "small" }, entry.description),
    );
  }
  /** Place the list above the whole form if there is space, so that it covers no other field. */
  function place(event) {
    if (pop.contains(event?.target ?? null)) return;
    const at = (input.closest(".field") ?? input).getBoundingClientRect();
    const form = input.closest(".command-form")?.getBoundingClientRect();
    const below = window.innerHeight - at.bottom;
    const top = form && form.top > LEAST_ROOM ? form.top : at.top;
    const above = top > below || top !== at.top;
    const room = (above ? top : below) - 2 * GAP;
    Object.assign(pop.style, {
      left: `${at.left}px`,
      width: `${at.width}px`,
      maxHeight: `${Math.min(HIGHEST, room)}px`,
      top: above ? "auto" : `${at.bottom + GAP}px`,
      bottom: above ? `${window.innerHeight - top + GAP}px` : "auto",
    });
  }
  function pick(entry) {
    chosen = entry;
    touched = false;
    input.value = entry.label;
    close();
    onchange();
  }
  function close() {
    asked += 1;
    clearTimeout(timer);
    pop.hidden = true;
    document.removeEventListener("scroll", place, true);
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-activedescendant", "");
  }
  function keys(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      move(step);
    } else if (event.key === "Escape" && !pop.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (takes(event.key)) {
      if (event.key === "Enter") event.preventDefault();
      event.stopPropagation();
      pick(shown[active]);
    }
  }
  function move(step) {
    if (pop.hidden) {
      list();
      return;
    }
    touched = true;
    active = (active + step + shown.length) % Math.max(1, shown.length);
    draw();
  }
  /** Whether a key accepts the entry; Tab does so only after the user typed or moved. */
  function takes(key) {
    const entry = pop.hidden ? undefined : shown[active];
    if (!entry || entry.value === chosen?.value) return false;
    return key === "Enter" || (key === "Tab" && touched);
  }

  return {
    element: h("div", { class: "combobox" }, input, pop),
    input,
    typed: () => input.value.trim(),
    value() {
      if (chosen) return chosen.value;
      const typed = input.value.trim();
      return free && typed ? typed : undefined;
    },
    type(words) {
      chosen = null;
      input.value = words.trim();
    },
    set(value, words) {
      chosen = { value, label: words };
      input.value = words;
    },
  };
}

/** Make a `find` for known entries: it returns those that contain what was typed. */
export function among(entries) {
  return (typed) => {
    const wanted = typed.toLowerCase();
    return entries().filter((one) =>
      `${one.label} ${one.description ?? ""}`.toLowerCase().includes(wanted),
    );
  };
}
