/** Menus: a list of things to do, with a second list beside an entry where it has one. */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { openPopover } from "./popover.js";

const MARGIN = 8;
/** Narrower, and a second list lies below its entry. */
const NARROW_PX = 560;

/**
 * Open a menu beside `anchor`, or at a point with `at: {x, y}`.
 *
 * entries: `{label, icon?, act(), danger?}`, `{label, icon?, more: entries}` for a second list,
 * and `null` for a line between groups; `false` is left out.
 */
export function openMenu(anchor, entries, { label, at, align } = {}) {
  const pick = (act) => {
    close();
    act();
  };
  const box = list(entries, label, pick);
  box.addEventListener("keydown", (event) => walk(event, box));
  const close = openPopover(anchor, box, { at, align });
  items(box)[0]?.focus({ preventScroll: true });
}

function list(entries, label, pick) {
  return h(
    "div",
    { class: "menu", role: "menu", "aria-label": label },
    grouped(entries).map((one) => (one ? entry(one, pick) : h("hr", { class: "menu-line" }))),
  );
}

/** Without lines at the ends, or two in a row. */
function grouped(entries) {
  const kept = entries.filter((one) => one !== false && one !== undefined);
  return kept.filter((one, index) => {
    const next = kept.slice(index + 1).find((other) => other !== null);
    return one !== null || (index > 0 && kept[index - 1] !== null && next !== undefined);
  });
}

function entry(one, pick) {
  if (one.more) return folded(one, pick);
  const face = [one.icon && icon(one.icon, 18), h("span", { class: "menu-words" }, one.label)];
  return h(
    "button",
    {
      type: "button",
      role: "menuitem",
      class: one.danger && "danger",
      onclick: () => pick(one.act),
      onpointerenter: (event) => foldOthers(event.currentTarget),
    },
    face,
  );
}

/** An entry with a list of its own. */
function folded({ label, icon: sign, more }, pick) {
  const inner = list(more, label, pick);
  inner.classList.add("submenu");
  inner.hidden = true;
  const button = h(
    "button",
    {
      type: "button",
      role: "menuitem",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      // A pointer has unfolded it before it clicks.
      onclick: () => inner.hidden && unfold(button, inner),
      onpointerenter: (event) => {
        foldOthers(button);
        if (event.pointerType === "mouse" && inner.hidden) unfold(button, inner);
      },
    },
    sign && icon(sign, 18),
    h("span", { class: "menu-words" }, label),
    icon("right", 16),
  );
  return [button, inner];
}

function unfold(button, inner) {
  inner.hidden = false;
  button.setAttribute("aria-expanded", "true");
  const beside = window.innerWidth >= NARROW_PX;
  inner.classList.toggle("beside", beside);
  if (!beside) return;
  const at = button.getBoundingClientRect();
  const right = at.right + MARGIN;
  const fits = right + inner.offsetWidth + MARGIN <= window.innerWidth;
  const top = Math.min(at.top - MARGIN, window.innerHeight - inner.offsetHeight - MARGIN);
  inner.style.left = `${fits ? right : Math.max(MARGIN, at.left - inner.offsetWidth - MARGIN)}px`;
  inner.style.top = `${Math.max(MARGIN, top)}px`;
}

function fold(button, inner) {
  inner.hidden = true;
  button.setAttribute("aria-expanded", "false");
}

function foldOthers(button) {
  for (const other of button.parentElement.querySelectorAll('[aria-expanded="true"]')) {
    if (other !== button) fold(other, other.nextElementSibling);
  }
}

function items(menu) {
  return [...menu.querySelectorAll(":scope > button")];
}

/** Arrow keys walk through a list, to the right into the second one, and to the left out of it. */
function walk(event, box) {
  const here = document.activeElement;
  const menu = here?.closest('[role="menu"]') ?? box;
  const all = items(menu);
  const at = all.indexOf(here);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (to !== undefined) all.at(to % all.length).focus();
  else if (event.key === "ArrowRight" && here?.hasAttribute("aria-haspopup")) {
    unfold(here, here.nextElementSibling);
    items(here.nextElementSibling)[0]?.focus();
  } else if (event.key === "ArrowLeft" && menu !== box) {
    const button = menu.previousElementSibling;
    fold(button, menu);
    button.focus();
  } else return;
  event.preventDefault();
}
