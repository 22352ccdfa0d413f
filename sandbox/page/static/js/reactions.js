/** Reactions below a message, and the menu to add one. */

import { h } from "./dom.js";
import { emoji as drawn } from "./emoji.js";
import { icon } from "./icons.js";
import { isVideo } from "./media.js";
import { openPopover, walkWithArrows } from "./popover.js";
import { marked, t } from "./words.js";

/** What the bot takes as a request, under its results. */
const REQUESTS = [
  ["🔁", marked("Again, same seed")],
  ["🎲", marked("Again, new seed")],
  ["🗑️", marked("Delete")],
];
const FEELINGS = [
  ["👍", marked("Thumbs up")],
  ["❤️", marked("Heart")],
  ["😂", marked("Laughing")],
  ["😮", marked("Amazed")],
  ["🎉", marked("Party")],
  ["👀", marked("Looking")],
  ["🔥", marked("Fire")],
  ["✨", marked("Sparkles")],
  ["🎬", marked("Action")],
];
const COLUMNS = 4;

/** Render the row of reactions; `null` if there are none. */
export function reactions(message, app) {
  const given = message.reactions ?? [];
  if (given.length === 0) return null;
  const add = h(
    "button",
    {
      type: "button",
      class: "reaction add",
      "aria-label": t("Add a reaction"),
      dataset: { part: "add" },
      onclick: (event) => pickReaction(message, event.currentTarget, app),
    },
    icon("smile", 18),
  );
  return h(
    "div",
    { class: "reactions", dataset: { part: "reactions" } },
    given.map((one) => reaction(one, message, app)),
    mayReact(app) && add,
  );
}

/** The reactions that a pointer finds on a message at once: the rerolls, on a result. */
export function quick(message) {
  return isResult(message) ? REQUESTS.slice(0, 2) : [];
}

/** Whether it is the bot's, with a video in it. */
function isResult(message) {
  return Boolean(message.author.bot) && holdsVideo(message);
}

function holdsVideo({ attachments = [], components = [], items = [], media }) {
  if (media && isVideo(media)) return true;
  return attachments.some(isVideo) || [...components, ...items].some(holdsVideo);
}

/** Whether this person may add reactions here. */
export function mayReact(app) {
  return app.state.scene?.may?.react !== false;
}

/** Add a reaction, or remove one's own. */
export function toggle(emoji, message, app) {
  const own = (message.reactions ?? []).some((one) => one.me && one.emoji.name === emoji);
  app.connection
    .request(own ? "unreact" : "react", { message: message.id, emoji })
    .catch((error) => app.toast(error.message));
}

/** Choose a reaction from a menu beside `anchor`. */
export function pickReaction(message, anchor, app) {
  const choose = (emoji) => {
    close();
    toggle(emoji, message, app);
  };
  const box = h(
    "div",
    { class: "emoji-list", role: "menu", "aria-label": t("Reactions") },
    offered(message).map(([emoji, name]) =>
      h(
        "button",
        {
          type: "button",
          role: "menuitem",
          title: t(name),
          "aria-label": t(name),
          onclick: () => choose(emoji),
        },
        drawn(emoji, { silent: true }),
      ),
    ),
  );
  walkWithArrows(box, "button", { columns: COLUMNS });
  const close = openPopover(anchor, box, { side: "above", align: "end" });
  box.querySelector("button").focus({ preventScroll: true });
}

function offered(message) {
  return isResult(message) ? [...REQUESTS, ...FEELINGS] : FEELINGS;
}

function reaction({ emoji, count, me }, message, app) {
  return h(
    "button",
    {
      type: "button",
      class: me ? "reaction own" : "reaction",
      "aria-pressed": String(Boolean(me)),
      "aria-label": t("{emoji}, {count}", { emoji: emoji.name, count }),
      dataset: { part: emoji.name },
      onclick: () => toggle(emoji.name, message, app),
    },
    drawn(emoji.name, { silent: true }),
    h("span", { class: "count" }, String(count)),
  );
}
