/** The bot's process: its state, and the buttons that kill and start it. */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { inStyle } from "./time.js";
import { t } from "./words.js";

/** Return the section as a function of the panel's state. */
export function botPart(app, draw) {
  let busy = "";

  async function control(action) {
    busy = action;
    draw();
    try {
      await app.connection.request("bot", { action });
    } catch (error) {
      app.toast(error.message);
    }
    busy = "";
    draw();
  }
  function buttons(running) {
    const kill = {
      type: "button",
      class: "button danger",
      disabled: !running || busy !== "",
      title: t("SIGKILL: it gets no time to clean up"),
      onclick: () => control("kill"),
    };
    const start = {
      type: "button",
      class: "button primary",
      disabled: running || busy !== "",
      onclick: () => control("start"),
    };
    return h(
      "div",
      { class: "panel-buttons" },
      h("button", kill, icon("skull", 18), t("Kill the bot")),
      h("button", start, icon("play", 18), t("Start it again")),
    );
  }
  return ({ bot, counts }) =>
    h(
      "section",
      { dataset: { part: "bot" } },
      h("h3", {}, t("The bot")),
      h("p", { class: "bot-state", role: "status" }, state(bot, busy)),
      buttons(bot.running),
      hint(bot, counts),
      lastWords(bot),
    );
}

function state({ running, since, restarts }, busy) {
  const words = running ? t("Running") : busy === "start" ? t("Starting…") : t("Not running");
  const life = running && since && lived(since, restarts);
  return [
    h("span", { class: running ? "lamp on" : "lamp off", "aria-hidden": "true" }),
    h("strong", {}, words),
    life && h("span", { class: "small" }, life),
  ];
}

/** Suggest what to try next. */
function hint({ running, restarts }, counts) {
  if (!running) {
    const words = t(
      "The tasks below are in its database, and the provider continues to work. Start it again: it continues where it left off.",
    );
    return h("p", { class: "hint" }, words);
  }
  const now = counts.running > 0 && restarts === 0;
  return h(
    "p",
    { class: now ? "hint now" : "hint" },
    now
      ? t("A video is running now: kill the bot, then start it again. Nothing is lost, nothing is paid twice.")
      : t("Kill the bot while a video is running, then start it again. Nothing is lost, nothing is paid twice."),
  );
}

function lastWords({ running, since, last_words: words }) {
  if (running || !words) return null;
  return h(
    "details",
    // Keep it open or closed as the reader left it.
    { dataset: { keep: `last words ${since} ${words.length}` } },
    h("summary", {}, t("The end of its log")),
    h("pre", { class: "panel-code" }, words),
  );
}

function lived(since, count) {
  const time = inStyle(new Date(since), "T");
  if (count === 0) return t("since {time}", { time });
  if (count === 1) return t("since {time}, started again once", { time });
  return t("since {time}, started again {count} times", { time, count });
}
