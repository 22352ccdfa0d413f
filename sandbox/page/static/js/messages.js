/** The messages of a channel, in step with the state, scrolled as readers expect. */

import { h, morph } from "./dom.js";
import { messageElement } from "./message.js";
import { day } from "./time.js";
import { welcome } from "./welcome.js";
import { t } from "./words.js";

const GROUP_WITHIN_MS = 7 * 60 * 1000;
const NEAR_END_PX = 80;
const FLASH_MS = 2200;

/** Show the state's messages in `log`; `jump` is the button that scrolls to the newest. */
export function mountMessages(log, jump, app) {
  const list = h("div", { class: "message-list" });
  const shown = new Map();
  let where = null;
  let wanted = null;
  let atEnd = true;
  let top = 0;
  log.append(list);

  function draw() {
    const { scene, messages } = app.state;
    if (!scene) return;
    noticeScrolling();
    const here = `${scene.channel} ${scene.me.id}`;
    if (here !== where) start(here);
    else if (own(newest(messages), scene.me)) atEnd = true;
    const fresh = elements([...messages.values()]);
    arrange(list, [welcome(app), ...fresh]);
    log.removeAttribute("aria-busy");
    if (wanted) show(wanted);
    else if (atEnd) toEnd();
    else jump.hidden = false;
  }
  function start(here) {
    // Screen readers should not announce older messages.
    log.setAttribute("aria-busy", "true");
    where = here;
    atEnd = true;
    shown.clear();
    list.replaceChildren();
  }
  /** Return the newest message if it is not shown yet. */
  function newest(messages) {
    const last = [...messages.values()].at(-1);
    return last && !shown.has(last.id) ? last : null;
  }
  function elements(messages) {
    const found = [];
    let before = null;
    for (const message of messages) {
      if (day(message.timestamp) !== (before && day(before.timestamp)))
        found.push(divider(message));
      found.push(element(message, before));
      before = message;
    }
    const alive = new Set(messages.map((one) => one.id));
    for (const id of shown.keys()) if (!alive.has(id)) shown.delete(id);
    return found;
  }
  function element(message, before) {
    const context = { grouped: belongsTo(message, before) };
    const sign = JSON.stringify([
      message,
      context,
      app.state.scene.may,
      app.state.scene.menus,
      app.state.scene.me.locale,
    ]);
    const known = shown.get(message.id);
    if (known?.sign === sign) return known.element;
    const fresh = messageElement(message, context, app);
    if (known) morph(known.element, fresh);
    const kept = known?.element ?? fresh;
    shown.set(message.id, { element: kept, sign });
    return kept;
  }
  function toEnd() {
    log.scrollTop = log.scrollHeight;
    top = log.scrollTop;
    jump.hidden = true;
  }
  /**
   * Whether the reader has gone somewhere else, and is at the end there. What comes in changes the
   * height too, and the scroll event comes late: only another position is the reader's doing.
   */
  function noticeScrolling() {
    if (log.scrollTop === top) return;
    top = log.scrollTop;
    atEnd = log.scrollHeight - top - log.clientHeight < NEAR_END_PX;
    if (atEnd) jump.hidden = true;
  }
  function show(id) {
    const found = shown.get(id)?.element;
    wanted = null;
    if (!found) return app.toast(t("That message is no longer there."));
    found.scrollIntoView({ block: "center" });
    found.focus({ preventScroll: true });
    found.classList.add("flash");
    setTimeout(() => found.classList.remove("flash"), FLASH_MS);
    return undefined;
  }

  log.addEventListener("scroll", noticeScrolling, { passive: true });
  // Stay at the end when a picture has loaded, or the window becomes narrower.
  const sizes = new ResizeObserver(() => atEnd && toEnd());
  sizes.observe(list);
  sizes.observe(log);
  jump.addEventListener("click", () => {
    atEnd = true;
    toEnd();
    log.focus({ preventScroll: true });
  });
  log.addEventListener("keydown", (event) => walk(event, list));
  app.subscribe((changed) => (changed.has("messages") || changed.has("scene")) && draw());
  return {
    /** Scroll to a message, now or when its channel has loaded. */
    show: (id) => {
      wanted = id;
      if (shown.has(id)) show(id);
    },
  };
}

/** Whether a message, or the command that it answers, is from this person. */
function own(message, me) {
  return message?.mine || message?.interaction_metadata?.user?.id === me.id;
}

/** Put the elements in order without touching those that are in place. */
function arrange(list, wanted) {
  const alive = new Set(wanted);
  for (const one of [...list.children]) {
    const fresh =
      one.dataset.sole && wanted.find((other) => other.dataset.sole === one.dataset.sole);
    if (fresh) {
      morph(one, fresh);
      wanted[wanted.indexOf(fresh)] = one;
    } else if (!alive.has(one)) one.remove();
  }
  wanted.forEach((one, index) => {
    if (list.children[index] !== one) list.insertBefore(one, list.children[index] ?? null);
  });
}

function divider(message) {
  const words = day(message.timestamp);
  return h(
    "div",
    { class: "day", role: "separator", dataset: { sole: `day ${words}` } },
    h("span", {}, words),
  );
}

function belongsTo(message, before) {
  return (
    before !== null &&
    message.author.id === before.author.id &&
    Boolean(message.ephemeral) === Boolean(before.ephemeral) &&
    !message.message_reference &&
    !message.interaction_metadata?.name &&
    day(message.timestamp) === day(before.timestamp) &&
    new Date(message.timestamp) - new Date(before.timestamp) < GROUP_WITHIN_MS
  );
}

/** Arrow keys move between messages; Tab then reaches the elements inside. */
function walk(event, list) {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step || event.target.closest("video, input, textarea, .popover")) return;
  const all = [...list.querySelectorAll(".message")];
  const here = all.indexOf(event.target.closest(".message"));
  const to = here < 0 ? all.at(-1) : all[here + step];
  if (!to) return;
  event.preventDefault();
  to.focus();
}
