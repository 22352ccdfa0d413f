/** Times in the reader's time zone; relative ones stay current. */

import { h } from "./dom.js";
import { spoken, t } from "./words.js";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  ["year", 365 * DAY],
  ["month", 30 * DAY],
  ["day", DAY],
  ["hour", HOUR],
  ["minute", MINUTE],
  ["second", 1],
];
const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};
/** Return a relative time such as "in 3 minutes". `at` is a Date. */
export function fromNow(at, now = Date.now()) {
  const seconds = Math.round((at - now) / 1000);
  const [unit, size] = STEPS.find(([, one]) => Math.abs(seconds) >= one) ?? STEPS.at(-1);
  const relative = new Intl.RelativeTimeFormat(spoken(), { numeric: "auto" });
  return relative.format(Math.trunc(seconds / size), unit);
}

/** Format a time like Discord's `<t:…:style>`. */
export function inStyle(at, style) {
  if (style === "R") return fromNow(at);
  return new Intl.DateTimeFormat(spoken(), STYLES[style] ?? STYLES.f).format(at);
}

/** Render a timestamp in a message. */
export function timestamp(at, style) {
  return h(
    "time",
    { class: "timestamp", datetime: at.toISOString(), title: inStyle(at, "F"), dataset: { style } },
    inStyle(at, style),
  );
}

/** Return when a message was written: "14:03", "Yesterday at 14:03", or a date. */
export function written(iso) {
  const at = new Date(iso);
  const time = inStyle(at, "t");
  const days = Math.round((midnight(new Date()) - midnight(at)) / (DAY * 1000));
  if (days === 0) return time;
  return days === 1 ? t("Yesterday at {time}", { time }) : `${inStyle(at, "d")}, ${time}`;
}

/** Return the day of a message, for the line between days. */
export function day(iso) {
  return new Intl.DateTimeFormat(spoken(), { dateStyle: "long" }).format(new Date(iso));
}

/** Render the time of a message, with the full date as its tooltip. */
export function writtenAt(iso, { short = false } = {}) {
  const at = new Date(iso);
  const words = short ? inStyle(at, "t") : written(iso);
  return h("time", { datetime: at.toISOString(), title: inStyle(at, "F") }, words);
}

/** Keep every relative timestamp on the page current. */
export function keepCurrent() {
  setInterval(() => {
    for (const one of document.querySelectorAll('time[data-style="R"]')) refresh(one);
  }, 1000);
}

function refresh(element) {
  const words = fromNow(new Date(element.dateTime));
  // Only the text is changed, so that screen readers need not announce each second.
  if (element.firstChild.data !== words) element.firstChild.data = words;
}

function midnight(at) {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate());
}
