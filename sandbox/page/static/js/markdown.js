/** Renders Discord's markdown. Blocks are handled here, inline markdown in inline.js. */

import { h } from "./dom.js";
import { inline } from "./inline.js";

const FENCE = /^```([\w+-]*)\n?([\s\S]*?)\n?```/;
const HEADING = /^(#{1,3}) +(.+)/;
const SMALL = /^-# +(.+)/;
const QUOTE = /^> ?(.*)/;
const ITEM = /^( *)(?:[-*]|(\d{1,9})\.) +(.+)/;

/** Return the elements for `text`; `app` is used for mentions. */
export function markdown(text, app) {
  const parts = [];
  let rest = String(text ?? "");
  while (rest) {
    const [element, used] = block(rest, app);
    parts.push(element);
    rest = rest.slice(used);
  }
  return parts;
}

function block(rest, app) {
  const fence = FENCE.exec(rest);
  if (fence) return [h("pre", {}, h("code", {}, fence[2])), whole(rest, fence[0].length)];
  const line = firstLine(rest);
  const heading = HEADING.exec(line);
  if (heading) {
    const attributes = {
      class: `heading-${heading[1].length}`,
      role: "heading",
      "aria-level": heading[1].length + 2,
    };
    return [h("div", attributes, inline(heading[2], app)), whole(rest, line.length)];
  }
  const small = SMALL.exec(line);
  if (small) return [h("div", { class: "small" }, inline(small[1], app)), whole(rest, line.length)];
  if (rest.startsWith(">>> ")) return [quote(rest.slice(4), app), rest.length];
  if (QUOTE.test(line) && line.startsWith("> ")) return quoted(rest, app);
  if (ITEM.test(line)) return list(rest, app);
  return paragraph(rest, app);
}

/** Return the length of a block with the line break at its end. */
function whole(rest, length) {
  return rest[length] === "\n" ? length + 1 : length;
}

function firstLine(text) {
  return text.split("\n", 1)[0];
}

function quote(text, app) {
  return h("blockquote", {}, markdown(text, app));
}

function quoted(rest, app) {
  const lines = takeWhile(rest.split("\n"), (line) => line.startsWith("> ") || line === ">");
  const inside = lines.map((line) => QUOTE.exec(line)[1]).join("\n");
  return [quote(inside, app), whole(rest, lines.join("\n").length)];
}

function list(rest, app) {
  const lines = takeWhile(rest.split("\n"), (line) => ITEM.test(line));
  const [, , number] = ITEM.exec(lines[0]);
  const items = lines.map((line) => {
    const [, indent, , words] = ITEM.exec(line);
    return h("li", { class: indent.length > 1 && "nested" }, inline(words, app));
  });
  const element = number ? h("ol", { start: number }, items) : h("ul", {}, items);
  return [element, whole(rest, lines.join("\n").length)];
}

function paragraph(rest, app) {
  const [first, ...more] = rest.split("\n");
  const lines = [first, ...takeWhile(more, (line) => !opens(line))];
  const text = lines.join("\n");
  const fence = text.indexOf("```");
  const ends = fence > 0 && FENCE.test(rest.slice(fence)) ? fence : text.length;
  const words = text.slice(0, ends);
  return [h("div", { class: "text" }, inline(words, app)), whole(rest, ends)];
}

function opens(line) {
  return [HEADING, SMALL, ITEM].some((one) => one.test(line)) || /^(> |>>> |```)/.test(line);
}

function takeWhile(lines, holds) {
  const end = lines.findIndex((line) => !holds(line));
  return end < 0 ? lines : lines.slice(0, end);
}
