/** Requests to the video providers, and their answers. */

import { h } from "./dom.js";
import { inStyle } from "./time.js";
import { counted, marked, t } from "./words.js";

const SHOWN = 40;
const NAMES = { provider: "Vtrix", dashscope: "Model Studio" };

/** Return the section as a function of the panel's state. */
export function wirePart(draw) {
  const opened = new Set();

  function exchange(one) {
    const key = `${one.at} ${one.to} ${one.method} ${one.path}`;
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
        h(
          "span",
          { class: "exchange-words" },
          meaning(one),
          h("span", { class: "small" }, [NAMES[one.to], ...kind(one.body)].join(" · ")),
        ),
        h("span", { class: "small" }, inStyle(new Date(one.at), "T")),
      ),
      open && bodies(one),
    );
  }
  return ({ requests, provider, dashscope }) =>
    h(
      "section",
      { dataset: { part: "wire" } },
      h("h3", {}, t("The video providers")),
      h("p", { class: "small" }, account(provider)),
      h("p", { class: "small" }, spent(dashscope)),
      h("p", { class: "small" }, t("All requests, newest first:")),
      h("ol", { class: "wire" }, newest(requests).slice(0, SHOWN).map(exchange)),
    );
}

/** They come in the order in which they ended; a long download began before many others. */
function newest(requests) {
  return [...requests].reverse().sort((one, other) => new Date(other.at) - new Date(one.at));
}

function account({ jobs, balance }) {
  return t("Vtrix: {videos}, ${balance} left.", { videos: videos(jobs), balance });
}

/** Model Studio's answers name no cost; its books do. */
function spent({ jobs, charged }) {
  return t("Model Studio: {videos}, ${charged} charged.", { videos: videos(jobs), charged });
}

function videos(jobs) {
  return counted(jobs, marked("1 video asked for"), marked("{count} videos asked for"));
}

function status(code) {
  const fine = code && code < 400;
  return h("span", { class: fine ? "status fine" : "status bad" }, code ?? t("cut"));
}

function meaning({ method, path }) {
  if (path.endsWith("/cancel")) return t("Cancel a video");
  if (method === "POST") return t("Make a video");
  if (/\/tasks?\//.test(path)) return t("Check its progress");
  return t("Download the video");
}

/** The model, length and sound that a request for a video names. */
function kind(body) {
  const { duration, audio } = body?.parameters ?? {};
  const length = duration && t("{seconds} s", { seconds: duration });
  return [body?.model, length, audio && t("with sound")].filter(Boolean);
}

function bodies(one) {
  return h(
    "div",
    { class: "exchange-body" },
    h("p", { class: "small" }, t("{request}, {seconds} s", {
        request: `${one.method} ${one.path}`,
        seconds: one.seconds,
      })),
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
