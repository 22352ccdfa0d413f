/** The commands that are offered here: what they are called, and the list while typing `/`. */

import { fill, h } from "./dom.js";

const SUBCOMMAND = 1;
const GROUP = 2;

/** Every command and subcommand as an entry of its own: `{name, description, options}`. */
export function entries(scene) {
  return (scene?.commands ?? []).flatMap((one) => unfolded(one.name, one));
}

function unfolded(name, one) {
  const options = one.options ?? [];
  const below = options.filter(({ type }) => type === SUBCOMMAND || type === GROUP);
  if (below.length > 0) return below.flatMap((sub) => unfolded(`${name} ${sub.name}`, sub));
  return [{ name, description: one.description, options }];
}

/** Those that fit what was typed after the slash; what begins with it comes first. */
export function matching(all, typed) {
  const wanted = typed.toLowerCase().trim();
  const rank = (one) => (one.name.startsWith(wanted) ? 0 : 1);
  return all.filter((one) => one.name.includes(wanted)).sort((a, b) => rank(a) - rank(b));
}

/** The list above the box. `choose(entry)` when one is taken; arrows move, Enter and Tab take. */
export function commandList(choose) {
  const box = h("div", { class: "commands", role: "listbox", id: "command-list", hidden: true, "aria-label": "Commands" });
  let shown = [];
  let active = 0;

  function draw(input) {
    fill(box, shown.map(row));
    box.hidden = shown.length === 0;
    input.setAttribute("aria-expanded", String(!box.hidden));
    input.setAttribute("aria-activedescendant", box.hidden ? "" : `command-${active}`);
    box.children[active]?.scrollIntoView?.({ block: "nearest" });
  }
  function row(entry, index) {
    return h(
      "div",
      {
        role: "option",
        id: `command-${index}`,
        class: index === active ? "command-row active" : "command-row",
        "aria-selected": String(index === active),
        onpointerdown: (event) => {
          event.preventDefault();
          choose(entry);
        },
      },
      h("img", { src: "/static/icon.svg", alt: "", width: 28, height: 28 }),
      h(
        "span",
        { class: "command-words" },
        h(
          "span",
          {},
          h("strong", {}, `/${entry.name}`),
          entry.options
            .filter((one) => one.required)
            .map((one) => h("span", { class: "command-option" }, one.name)),
        ),
        h("span", { class: "small" }, entry.description),
      ),
    );
  }
  return {
    element: box,
    show(found, input) {
      shown = found;
      active = Math.min(active, Math.max(0, shown.length - 1));
      draw(input);
    },
    hide(input) {
      shown = [];
      active = 0;
      draw(input);
    },
    /** Whether the key was the list's. */
    key(event, input) {
      if (shown.length === 0) return false;
      const to = { ArrowDown: active + 1, ArrowUp: active - 1 }[event.key];
      if (to !== undefined) {
        active = (to + shown.length) % shown.length;
        draw(input);
      } else if (event.key === "Enter" || event.key === "Tab") choose(shown[active]);
      else if (event.key === "Escape") this.hide(input);
      else return false;
      event.preventDefault();
      return true;
    },
  };
}
