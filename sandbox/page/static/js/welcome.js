/** The beginning of a channel: where the reader is, and what they can do here. */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./words.js";

/** Return the element, which is longer while the channel is empty. */
export function welcome(app) {
  const { scene, messages } = app.state;
  const channel = scene.channels.find((one) => one.id === scene.channel);
  const empty = messages.size === 0;
  return h(
    "section",
    { class: empty ? "welcome empty" : "welcome", dataset: { sole: `welcome ${channel?.id}` } },
    h(
      "div",
      { class: "welcome-sign", "aria-hidden": "true" },
      icon(SIGNS[channel?.kind] ?? "hash", 38),
    ),
    h("h2", {}, title(channel)),
    h(
      "p",
      { class: "welcome-topic" },
      channel?.note ? t("{opening} {note}", told(channel)) : opening(channel),
    ),
    empty && offered(scene) && invitation(app),
  );
}

function told(channel) {
  return { opening: opening(channel), note: t(channel.note) };
}

export const SIGNS = { text: "hash", thread: "thread", dm: "at" };

function title(channel) {
  if (channel?.kind === "dm") return channel.name;
  return channel?.kind === "thread" ? channel.name : t("Welcome to #{channel}!", { channel: channel?.name ?? "" });
}

function opening(channel) {
  if (channel?.kind === "dm")
    return t("Messages between you and the bot: nobody else sees them.");
  if (channel?.kind === "thread") return t("This is the start of the thread.");
  return t("This is the start of #{channel}.", { channel: channel?.name ?? "" });
}


function offered(scene) {
  return (scene.commands ?? []).some((one) => one.name === "animate");
}

function invitation(app) {
  const start = () => app.startCommand?.("animate");
  return h(
    "div",
    { class: "invitation" },
    h("img", {
      src: "/samples/fine",
      alt: t("A sample picture: a boat at sea"),
      width: 176,
      height: 132,
    }),
    h(
      "div",
      {},
      h(
        "p",
        {},
        t("Give Flipbook a picture, say what should happen in it, and get a short video."),
      ),
      h(
        "button",
        { type: "button", class: "button primary large", onclick: start },
        icon("play", 18),
        t("Try /animate"),
      ),
      h(
        "p",
        { class: "small" },
        t("Use this picture or one of your own. Nothing leaves your machine."),
      ),
    ),
  );
}
