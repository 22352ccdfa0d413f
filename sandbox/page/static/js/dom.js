/** Creates and updates elements. No code on this page parses text as HTML. */

const handlers = new WeakMap();

/**
 * Create an element.
 *
 * props: `class`, `style` (an object, custom properties included), `dataset` (an object), `on…`
 * (a handler), and the live properties `value`, `checked`, `selected`, `muted`. Others become
 * attributes: `true` sets an empty one; `false`, `null` and `undefined` set none.
 * children: nodes, strings, numbers, or lists of them; `null`, `undefined` and `false` are skipped.
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) give(element, name, value);
  element.append(...nodes(children));
  return element;
}

/** Create an SVG element, which has its own namespace. */
export function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes ?? {})) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Replace the children of an element. */
export function fill(element, ...children) {
  element.replaceChildren(...nodes(children));
  return element;
}

function nodes(children) {
  return children.flat(Infinity).filter((child) => child != null && child !== false);
}

const LIVE = new Set(["value", "checked", "selected", "muted", "indeterminate"]);

function give(element, name, value) {
  if (value === undefined || value === null) return;
  if (name === "class") element.className = value || "";
  else if (name === "dataset") Object.assign(element.dataset, value);
  else if (name === "style")
    for (const [key, one] of Object.entries(value)) setStyle(element, key, one);
  else if (name.startsWith("on")) listen(element, name.toLowerCase(), value);
  else if (LIVE.has(name)) element[name] = value;
  else if (value !== false) element.setAttribute(name, value === true ? "" : value);
}

function setStyle(element, key, value) {
  if (key.startsWith("--")) element.style.setProperty(key, value);
  else element.style[key] = value;
}

function listen(element, name, handler) {
  if (!handlers.has(element)) handlers.set(element, new Map());
  handlers.get(element).set(name, handler);
  element[name] = handler;
}

/**
 * Make `old` equal to `fresh`, keeping every element that can stay, so that the focus stays where
 * it is and videos continue to play. Elements with the same `data-keep` are not touched.
 */
export function morph(old, fresh) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  if (old.dataset?.keep && old.dataset.keep === fresh.dataset.keep) return;
  morphAttributes(old, fresh);
  morphHandlers(old, fresh);
  morphChildren(old, fresh);
}

function morphAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

function morphHandlers(old, fresh) {
  for (const name of handlers.get(old)?.keys() ?? []) old[name] = null;
  for (const [name, handler] of handlers.get(fresh) ?? []) old[name] = handler;
  if (handlers.has(fresh)) handlers.set(old, handlers.get(fresh));
  else handlers.delete(old);
}

function morphChildren(old, fresh) {
  const left = [...old.childNodes];
  const children = [...fresh.childNodes];
  const before = new Set(left.flatMap(keeps));
  const after = new Set(children.flatMap(keeps));
  let last = null;
  for (const child of children) {
    const index = counterpart(left, child, before, after);
    let here = child;
    if (index < 0) {
      old.insertBefore(child, last ? last.nextSibling : old.firstChild);
    } else {
      // Nodes that were skipped have no counterpart. They are removed first, so that others need
      // not move.
      for (const one of left.splice(0, index)) one.remove();
      [here] = left.splice(0, 1);
      morph(here, child);
    }
    last = here;
  }
  for (const one of left) one.remove();
}

/** Find the old node that `child` updates; never one beyond, or in place of, a kept element. */
function counterpart(left, child, before, after) {
  const wanted = keeps(child);
  for (const [index, one] of left.entries()) {
    const held = keeps(one);
    if (held.some((keep) => after.has(keep))) {
      return alike(one, child) && held.some((keep) => wanted.includes(keep)) ? index : -1;
    }
    if (alike(one, child) && !wanted.some((keep) => before.has(keep))) return index;
  }
  return -1;
}

function keeps(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return [];
  const inside = [...node.querySelectorAll("[data-keep]")].map((one) => one.dataset.keep);
  return node.dataset.keep ? [node.dataset.keep, ...inside] : inside;
}

function alike(old, fresh) {
  return (
    old.nodeType === fresh.nodeType &&
    old.nodeName === fresh.nodeName &&
    (old.dataset?.keep ?? "") === (fresh.dataset?.keep ?? "") &&
    (old.dataset?.part ?? "") === (fresh.dataset?.part ?? "")
  );
}
