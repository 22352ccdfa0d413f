/** Behind the scenes: the bot's process, its tasks, the switches, and what the provider heard. */

import { fill, h, morph } from "./dom.js";
import { icon } from "./icons.js";

const REMEMBERED = "flipbook-panel";
const OPEN_FROM_PX = 1180;
const SWITCHES = [
  ["provider_slow", "The provider is slow", "Videos that are asked for now take ten times as long."],
  ["provider_failing", "The provider fails", "It takes the order, and then says that it could not be made."],
  ["provider_balance_empty", "The account is empty", "It refuses to work until there is money again."],
  ["provider_key_refused", "The key is refused", "It no longer knows who asks."],
  ["discord_away", "Discord is away", "For a minute: nothing can be sent, the bot waits."],
];
const STATES = {
  queued: "queued",
  submitting: "sending",
  running: "running",
  rendered: "rendered",
  delivered: "delivered",
  undelivered: "not delivered",
  failed: "failed",
  cancelled: "cancelled",
  unknown: "unclear",
};

export function mountPanel(aside, app) {
  const toggle = h(
    "button",
    { type: "button", class: "icon-button", "aria-controls": "panel", "aria-label": "Behind the scenes", title: "Behind the scenes", onclick: () => open(aside.hidden) },
    icon("gauge", 22),
  );
  document.querySelector("#header-tools").append(toggle);
  const body = h("div", { class: "panel-body" });
  fill(
    aside,
    h(
      "header",
      { class: "panel-header" },
      h("h2", {}, "Behind the scenes"),
      h(
        "button",
        { type: "button", class: "icon-button", "aria-label": "Close behind the scenes", onclick: () => open(false) },
        icon("close", 20),
      ),
    ),
    body,
  );
  const opened = new Set();
  let busy = "";

  function open(shown, remember = true) {
    aside.hidden = !shown;
    toggle.setAttribute("aria-expanded", String(shown));
    document.body.classList.toggle("with-panel", shown);
    if (remember) localStorage.setItem(REMEMBERED, shown ? "open" : "closed");
    if (shown) draw();
  }
  function draw() {
    if (aside.hidden || !app.state.panel) return;
    morph(body, h("div", { class: "panel-body" }, parts(app.state.panel)));
  }
  function parts(panel) {
    return [bot(panel), tasks(panel), switches(panel), provider(panel)];
  }

  // --- the bot --------------------------------------------------------------------------------

  function bot({ bot: process }) {
    const { running, since, restarts, last_words: words } = process;
    return h(
      "section",
      { dataset: { part: "bot" } },
      h("h3", {}, "The bot"),
      h(
        "p",
        { class: "bot-state" },
        h("span", { class: running ? "lamp on" : "lamp off", "aria-hidden": "true" }),
        h("strong", {}, running ? "Running" : "Not running"),
        since && running && h("span", { class: "small" }, ` since ${clock(since)}`),
        restarts > 0 && h("span", { class: "small" }, `, started again ${times(restarts)}`),
      ),
      h(
        "div",
        { class: "panel-buttons" },
        h(
          "button",
          { type: "button", class: "button danger", disabled: !running || busy === "kill", onclick: () => control("kill"), title: "SIGKILL: it has no time to say goodbye" },
          icon("skull", 18),
          "Kill the bot",
        ),
        h(
          "button",
          { type: "button", class: "button primary", disabled: running || busy === "start", onclick: () => control("start") },
          icon("play", 18),
          "Start it again",
        ),
      ),
      h(
        "p",
        { class: "small" },
        "Kill it while a video is running, then start it again: nothing is lost, nothing is paid twice.",
      ),
      !running &&
        words &&
        h("details", {}, h("summary", {}, "Its last words"), h("pre", { class: "panel-code" }, words)),
    );
  }
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

  // --- tasks ----------------------------------------------------------------------------------

  function tasks({ tasks: all, counts }) {
    const summary = Object.entries(counts).map(([state, count]) =>
      h("span", { class: `state ${state}` }, `${count} ${STATES[state] ?? state}`),
    );
    return h(
      "section",
      { dataset: { part: "tasks" } },
      h("h3", {}, "Tasks in its database"),
      summary.length > 0
        ? h("p", { class: "counts" }, summary)
        : h("p", { class: "small" }, "None yet. Use /animate, and watch it pass by here."),
      h("ul", { class: "tasks" }, all.slice(0, 8).map(task)),
    );
  }
  function task(one) {
    const percent = Math.round((one.progress ?? 0) * 100);
    return h(
      "li",
      { dataset: { part: one.id } },
      h("span", { class: `state ${one.state}` }, STATES[one.state] ?? one.state),
      h("span", { class: "task-prompt", title: one.prompt }, one.prompt),
      h(
        "span",
        { class: "small task-facts" },
        `${one.person} · ${one.id}`,
        one.cost && ` · $${one.cost}`,
      ),
      one.state === "running" &&
        h("progress", { max: 100, value: one.progress == null ? undefined : percent, "aria-label": "Progress" }),
    );
  }

  // --- switches -------------------------------------------------------------------------------

  function switches({ switches: values }) {
    return h(
      "section",
      { dataset: { part: "switches" } },
      h("h3", {}, "What goes wrong"),
      h(
        "ul",
        { class: "levers" },
        SWITCHES.map(([name, label, says]) => {
          const on = values[name] === true;
          const left = name === "discord_away" && on ? seconds(values.discord_away_until) : "";
          return h(
            "li",
            { dataset: { part: name } },
            h(
              "button",
              { type: "button", class: "lever", role: "switch", "aria-checked": String(on), onclick: () => turn(name, !on) },
              h("span", { class: "lever-words" }, h("span", {}, label, left && h("em", {}, left)), h("span", { class: "small" }, says)),
              h("span", { class: "lever-knob", "aria-hidden": "true" }),
            ),
          );
        }),
      ),
    );
  }
  function turn(name, value) {
    app.connection.request("switch", { name, value }).catch((error) => app.toast(error.message));
  }

  // --- the provider ---------------------------------------------------------------------------

  function provider({ requests, provider: account }) {
    return h(
      "section",
      { dataset: { part: "wire" } },
      h("h3", {}, "The video provider"),
      h(
        "p",
        { class: "small" },
        `${account.jobs} ${account.jobs === 1 ? "video" : "videos"} asked for, $${account.balance} left. Everything it was asked, newest first:`,
      ),
      h("ol", { class: "wire" }, [...requests].reverse().slice(0, 40).map(exchange)),
    );
  }
  function exchange(one) {
    const key = `${one.at} ${one.method} ${one.path}`;
    const isOpen = opened.has(key);
    return h(
      "li",
      { dataset: { part: key } },
      h(
        "button",
        {
          type: "button",
          class: "exchange",
          "aria-expanded": String(isOpen),
          onclick: () => {
            if (!opened.delete(key)) opened.add(key);
            draw();
          },
        },
        h("span", { class: `status ${one.status && one.status < 400 ? "fine" : "bad"}` }, one.status ?? "reset"),
        h("span", { class: "exchange-words" }, `${one.method} ${what(one)}`),
        h("span", { class: "small" }, clock(one.at)),
      ),
      isOpen &&
        h(
          "div",
          { class: "exchange-body" },
          h("p", { class: "small" }, `${one.path}, ${one.seconds} s`),
          one.body && h("pre", { class: "panel-code" }, pretty(one.body)),
          one.answer && h("pre", { class: "panel-code answer" }, pretty(one.answer)),
        ),
    );
  }

  const remembered = localStorage.getItem(REMEMBERED);
  open(remembered ? remembered === "open" : window.innerWidth >= OPEN_FROM_PX, false);
  if (remembered && window.innerWidth < OPEN_FROM_PX) open(false, false);
  app.subscribe((changed) => {
    if (changed.has("panel")) draw();
  });
}

function what(one) {
  if (one.method === "POST") return "make a video";
  if (one.path.includes("/task/")) return "how far is it?";
  return "fetch the video";
}

function pretty(value) {
  if (typeof value !== "string") return JSON.stringify(value, null, 2);
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
}

function clock(iso) {
  return new Date(iso).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

function seconds(until) {
  if (!until) return "";
  return ` ${Math.max(0, Math.round((new Date(until) - Date.now()) / 1000))} s`;
}

function times(count) {
  return count === 1 ? "once" : `${count} times`;
}
