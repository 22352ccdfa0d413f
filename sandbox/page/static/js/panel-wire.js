/** What the video provider was asked, and what it answered. */

import { h } from "./dom.js";
import { inStyle } from "./time.js";

const SHOWN = 40;

/** The part as a function of the panel's state. */
export function wirePart(draw) {
  const opened = new Set();

  function exchange(one) {
    const key = `${one.at} ${one.method} ${one.path}`;
    const open = opened.has(key);
    const toggle = () => {
      if (!opened.delete(key)) opened.add(key);
      draw();
    };
    return h(
      "li",
      { dataset: { part: key } },
      h(
        "button",
        { type: "button", class: "exchange", "aria-expanded": String(open), onclick: toggle },
        status(one.status),
        h("span", { class: "exchange-words" }, meaning(one)),
        h("span", { class: "small" }, inStyle(new Date(one.at), "T")),
      ),
      open && bodies(one),
    );
  }
  return ({ requests, provider }) =>
    h(
      "section",
      { dataset: { part: "wire" } },
      h("h3", {}, "The video provider"),
      h("p", { class: "small" }, account(provider)),
      h("ol", { class: "wire" }, [...requests].reverse().slice(0, SHOWN).map(exchange)),
    );
}

function account({ jobs, balance }) {
  const asked = jobs === 1 ? "1 video asked for" : `${jobs} videos asked for`;
  return `${asked}, $${balance} left. Everything it heard, newest first:`;
}

function status(code) {
  const fine = code && code < 400;
  return h("span", { class: fine ? "status fine" : "status bad" }, code ?? "cut");
}

function meaning({ method, path }) {
  if (method === "POST") return "Make a video";
  if (path.includes("/task/")) return "Check its progress";
  return "Download the video";
}

function bodies(one) {
  return h(
    "div",
    { class: "exchange-body" },
    h("p", { class: "small" }, `${one.method} ${one.path}, ${one.seconds} s`),
    one.body && h("pre", { class: "panel-code" }, pretty(one.body)),
    one.answer && h("pre", { class: "panel-code answer" }, pretty(one.answer)),
  );
}

function pretty(value) {
  if (typeof value !== "string") return JSON.stringify(value, null, 2);
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
}
