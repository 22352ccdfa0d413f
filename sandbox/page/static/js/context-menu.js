/** The menu of whatever one points at: by right click, by long press, or by the menu key. */

import { onLongPress } from "./long-press.js";
import { openMenu } from "./menu.js";
import { channelEntries, messageEntries, serverEntries, userEntries } from "./menu-entries.js";
import { t } from "./words.js";

/** Let every message, person, channel and server have its menu. */
export function mountContextMenus(app) {
  document.addEventListener("contextmenu", (event) => {
    const found = wanted(event.target, app);
    if (!found || isSelecting(found.element)) return;
    event.preventDefault();
    open(found, event.target, pointOf(event));
  });
  onLongPress((target, point) => {
    const found = wanted(target, app);
    if (found) open(found, target, point);
    return Boolean(found);
  });
}

function open({ element, label, entries }, target, at) {
  const focusable = target.closest("button, a, [tabindex]") ?? element;
  openMenu(focusable, entries(), { label, at });
}

/** What has a menu there, and its entries; the browser's own is left to fields and forms. */
function wanted(target, app) {
  if (!app.state.scene || target.closest(".popover, dialog, input, textarea, select")) return null;
  return person(target, app) ?? message(target, app) ?? channel(target, app) ?? server(target, app);
}

function person(target, app) {
  const element = target.closest("#messages [data-user]");
  if (!element) return null;
  const { user: id } = element.dataset;
  return { element, label: t("Person"), entries: () => userEntries({ id }, app) };
}

function message(target, app) {
  const element = target.closest(".message");
  const one = element && app.state.messages.get(element.dataset.id);
  if (!one) return null;
  return {
    element,
    label: t("Message"),
    entries: () => messageEntries(one, element, app, fileAt(target)),
  };
}

function channel(target, app) {
  const element = target.closest(".channel");
  const one = element && app.state.scene.channels.find(({ id }) => id === element.dataset.part);
  return one && { element, label: one.name, entries: () => channelEntries(one, app) };
}

function server(target, app) {
  const element = target.closest(".server, #guild");
  return element && { element, label: app.state.scene.guild.name, entries: () => serverEntries(app) };
}

/** The address of the link, picture or video under the pointer. */
function fileAt(target) {
  const found = target.closest("a[href], video, img:not(.avatar)");
  return found?.href ?? found?.src;
}

/** Whoever has selected text wants to do something with it. */
function isSelecting(element) {
  const selection = getSelection();
  return !selection.isCollapsed && element.contains(selection.anchorNode);
}

/** Where the pointer is; a key has no pointer, and means what has the focus. */
function pointOf({ clientX: x, clientY: y, target }) {
  if (x || y) return { x, y };
  const at = target.getBoundingClientRect();
  return { x: at.left + Math.min(at.width / 2, 40), y: at.top + Math.min(at.height / 2, 40) };
}
