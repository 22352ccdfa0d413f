/** Markdown within a line: emphasis, code, links, mentions and timestamps. */

import { h } from "./dom.js";
import { EMOJI, EMOJI_START, emoji } from "./emoji.js";
import { timestamp } from "./time.js";
import { t } from "./words.js";

const ESCAPABLE = /^\\([^\p{L}\p{N}\s])/u;
const ADDRESS = /^https?:\/\/[^\s<>"]*[^\s<>"'.,:;!?)\]}*_~|]/;
const SAFE = /^https?:\/\//i;
const JUMP = /^https:\/\/(?:\w+\.)?discord\.com\/channels\/(?:\d+|@me)\/(\d+)\/(\d+)$/;

/** Patterns at the start of the remaining text, and what they become. */
const RULES = [
  [EMOJI, ([sign]) => emoji(sign)],
  [ESCAPABLE, ([, sign]) => sign],
  [/^(`{1,2})([^`]|[^`][\s\S]*?[^`])\1(?!`)/, ([, , code]) => h("code", {}, code.trim() || code)],
  [
    /^\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)/,
    ([, inside], app) => h("strong", {}, inline(inside, app)),
  ],
  [/^__((?:\\[\s\S]|[^\\])+?)__(?!_)/, ([, inside], app) => h("u", {}, inline(inside, app))],
  [/^\*((?:\\[\s\S]|[^\\*\s])(?:(?:\\[\s\S]|[^\\*])*?(?:\\[\s\S]|[^\\*\s]))?)\*(?!\*)/, emphasis],
  [/^_((?:\\[\s\S]|[^\\_])+?)_(?![\p{L}\p{N}_])/u, emphasis],
  [/^~~((?:\\[\s\S]|[^\\])+?)~~/, ([, inside], app) => h("s", {}, inline(inside, app))],
  [/^\|\|((?:\\[\s\S]|[^\\])+?)\|\|/, ([, inside], app) => spoiler(inline(inside, app))],
  [/^\[((?:\\[\s\S]|[^\\\]])+)\]\(<?(https?:\/\/[^\s)>]+)>?(?: "[^"]*")?\)/, named],
  [/^<(https?:\/\/[^\s>]+)>/, ([, address], app) => link(address, address, app)],
  [ADDRESS, ([address], app) => link(address, address, app)],
  [/^<@!?(\d+)>/, ([, id], app) => person(id, app)],
  [/^<@&(\d+)>/, ([, id], app) => role(id, app)],
  [/^<#(\d+)>/, ([, id], app) => channel(id, app)],
  [/^<\/([^:>]+):\d+>/, ([, name], app) => command(name, app)],
  [/^<t:(-?\d{1,13})(?::([tTdDfFR]))?>/, ([, seconds, style]) => moment(seconds, style)],
  [/^<a?:(\w+):\d+>/, ([, name]) => `:${name}:`],
];

/** Matches where a rule can begin; text before it is plain. */
const SIGN = new RegExp(`[\\\\\`*_~|[<]|https?://|${EMOJI_START}`, "u");

/** Return the nodes for inline markdown, of one or several lines. */
export function inline(text, app) {
  const parts = [];
  let plain = "";
  let rest = text;
  while (rest) {
    const [found, used] = next(rest, plain.at(-1), app);
    if (typeof found === "string") plain += found;
    else {
      parts.push(plain, found);
      plain = "";
    }
    rest = rest.slice(used);
  }
  return [...parts, plain].filter((part) => part !== "");
}

function next(rest, previous, app) {
  const start = rest.search(SIGN);
  if (start !== 0)
    return [start < 0 ? rest : rest.slice(0, start), start < 0 ? rest.length : start];
  // snake_case is not emphasis.
  if (rest[0] === "_" && rest[1] !== "_" && /[\p{L}\p{N}]/u.test(previous ?? "")) return ["_", 1];
  for (const [pattern, make] of RULES) {
    const match = pattern.exec(rest);
    if (match) return [make(match, app), match[0].length];
  }
  return [rest[0], 1];
}

function emphasis([, inside], app) {
  return h("em", {}, inline(inside, app));
}

/** Hide content until it is clicked. */
function spoiler(children) {
  const reveal = (event) => event.currentTarget.classList.add("seen");
  const attributes = {
    class: "spoiler-text",
    type: "button",
    "aria-label": t("Spoiler: show it"),
    onclick: reveal,
  };
  return h("button", attributes, h("span", {}, children));
}

function named([, words, address], app) {
  return link(address, inline(words, app), app);
}

/** Make a link; a link to a message is followed on this page. */
export function link(address, words, app) {
  if (!SAFE.test(address)) return h("span", {}, words);
  const jump = JUMP.exec(address);
  const onclick =
    jump &&
    ((event) => {
      event.preventDefault();
      app.goTo(jump[1], jump[2]);
    });
  const shown = jump && words === address ? jumpWords(jump[1], app) : words;
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer", onclick }, shown);
}

function jumpWords(id, app) {
  const there = find(app, "channels", id);
  return t("#{channel} › message", { channel: there?.name ?? t("channel") });
}

function find(app, kind, id) {
  return app.state.scene?.[kind]?.find((one) => one.id === id);
}

function person(id, app) {
  const one = find(app, "members", id) ?? find(app, "people", id);
  const own = id === app.state.scene?.me.id;
  return h(
    "span",
    { class: own ? "mention own" : "mention", dataset: { user: id } },
    `@${one?.display_name ?? one?.name ?? t("unknown")}`,
  );
}

function role(id, app) {
  const one = find(app, "roles", id);
  const colour = one?.colour ? { style: { "--mention": hex(one.colour) } } : {};
  return h("span", { class: "mention", ...colour }, `@${one?.name ?? t("unknown role")}`);
}

function channel(id, app) {
  const there = find(app, "channels", id);
  const go = () => app.goTo(id);
  return h(
    "button",
    { class: "mention", type: "button", onclick: go },
    `#${there?.name ?? t("unknown")}`,
  );
}

function command(name, app) {
  const start = () => app.startCommand?.(name);
  return h("button", { class: "mention", type: "button", onclick: start }, `/${name}`);
}

function moment(seconds, style) {
  const at = new Date(Number(seconds) * 1000);
  return Number.isNaN(at.valueOf()) ? `<t:${seconds}>` : timestamp(at, style ?? "f");
}

/** Convert a color, which is a number in Discord's JSON and a string in the scene. */
export function hex(colour) {
  return typeof colour === "number" ? `#${colour.toString(16).padStart(6, "0")}` : colour;
}
