/** The bot's process: whether it runs, and the buttons that kill and start it. */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { inStyle } from "./time.js";

/** The part as a function of the panel's state. */
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
      title: "SIGKILL: it has no time to say goodbye",
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
      h("button", kill, icon("skull", 18), "Kill the bot"),
      h("button", start, icon("play", 18), "Start it again"),
    );
  }
  return ({ bot, counts }) =>
    h(
      "section",
      { dataset: { part: "bot" } },
      h("h3", {}, "The bot"),
      h("p", { class: "bot-state", role: "status" }, state(bot, busy)),
      buttons(bot.running),
      hint(bot, counts),
      lastWords(bot),
    );
}

function state({ running, since, restarts }, busy) {
  const words = running ? "Running" : busy === "start" ? "Starting …" : "Not running";
  const again = restarts > 0 ? `, started again ${times(restarts)}` : "";
  return [
    h("span", { class: running ? "lamp on" : "lamp off", "aria-hidden": "true" }),
    h("strong", {}, words),
    running && since && h("span", { class: "small" }, `since ${at(since)}${again}`),
  ];
}

/** What to try next. */
function hint({ running, restarts }, counts) {
  if (!running) {
    const words = "The tasks below are in its database, and the provider goes on working.";
    return h("p", { class: "hint" }, `${words} Start it again: it takes up what it left.`);
  }
  const now = counts.running > 0 && restarts === 0;
  return h(
    "p",
    { class: now ? "hint now" : "hint" },
    now ? "A video is running now: kill the bot" : "Kill the bot while a video is running",
    ", then start it again: nothing is lost, nothing is paid twice.",
  );
}

function lastWords({ running, since, last_words: words }) {
  if (running || !words) return null;
  return h(
    "details",
    // Whether it is unfolded is the reader's.
    { dataset: { keep: `last words ${since} ${words.length}` } },
    h("summary", {}, "Its last words"),
    h("pre", { class: "panel-code" }, words),
  );
}

function at(iso) {
  return inStyle(new Date(iso), "T");
}

function times(count) {
  return count === 1 ? "once" : `${count} times`;
}
