/** Renders embeds. */

import { h } from "./dom.js";
import { link } from "./inline.js";
import { markdown } from "./markdown.js";
import { medium } from "./media.js";
import { written } from "./time.js";

/** Return the elements of a message's embeds. */
export function embeds(message, app) {
  return (message.embeds ?? []).map((one) => embed(one, app));
}

/** Convert a color from Discord's JSON. */
export function embedColour(number) {
  return `#${Number(number).toString(16).padStart(6, "0")}`;
}

function embed(one, app) {
  const style = one.color == null ? {} : { "--accent": embedColour(one.color) };
  return h(
    "article",
    { class: "embed", style, dataset: { part: "embed" } },
    h(
      "div",
      { class: "embed-words" },
      one.author &&
        h("div", { class: "embed-author" }, titled(one.author.name, one.author.url, app)),
      one.title &&
        h(
          "div",
          { class: "embed-title" },
          one.url ? link(one.url, one.title, app) : markdown(one.title, app),
        ),
      one.description && h("div", { class: "embed-description" }, markdown(one.description, app)),
      one.fields?.length > 0 &&
        h(
          "dl",
          { class: "embed-fields" },
          one.fields.map((field) => fieldOf(field, app)),
        ),
    ),
    one.thumbnail && h("div", { class: "thumbnail" }, medium(one.thumbnail)),
    one.image &&
      h("div", { class: "embed-image" }, medium({ ...one.image, content_type: "image/*" })),
    footer(one),
  );
}

function titled(words, address, app) {
  return address ? link(address, words, app) : words;
}

function fieldOf(field, app) {
  return h(
    "div",
    { class: field.inline ? "inline" : "whole" },
    h("dt", {}, markdown(field.name, app)),
    h("dd", {}, markdown(field.value, app)),
  );
}

function footer(one) {
  const words = [one.footer?.text, one.timestamp && written(one.timestamp)].filter(Boolean);
  return words.length > 0 && h("footer", { class: "embed-footer" }, words.join(" • "));
}
