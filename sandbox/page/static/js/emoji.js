/**
 * Drawings of the emoji that the bot and this page use, because a machine without an emoji font
 * would show empty boxes. Other emoji are left to the fonts. Each drawing is a list of shapes in a
 * 36 × 36 field.
 */

import { h, svg } from "./dom.js";

const path = (d, fill, more = {}) => ["path", { d, fill, ...more }];
const line = (d, stroke, width) =>
  path(d, "none", {
    stroke,
    "stroke-width": width,
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
  });
const disc = (cx, cy, r, fill) => [
  "ellipse",
  { cx, cy, rx: Array.isArray(r) ? r[0] : r, ry: Array.isArray(r) ? r[1] : r, fill },
];
const box = (x, y, width, height, rx, fill) => ["rect", { x, y, width, height, rx, fill }];

const FACE = disc(18, 18, 16, "#ffcc4d");
const SPARK = (x, y, r, fill) =>
  path(
    `M${x} ${y - r}q${r * 0.16} ${r * 0.84} ${r} ${r}q${-r * 0.84} ${r * 0.16} ${-r} ${r}q${-r * 0.16} ${-r * 0.84} ${-r} ${-r}q${r * 0.84} ${-r * 0.16} ${r} ${-r}z`,
    fill,
  );

const DRAWN = {
  "🔁": [
    box(1, 1, 34, 34, 7, "#3b88c3"),
    line(
      "M8 17v-1a5 5 0 0 1 5-5h13M22.500 7l4.500 4-4.500 4M28 19v1a5 5 0 0 1-5 5H10M13.500 29 9 25l4.500-4",
      "#fff",
      3.2,
    ),
  ],
  "🎲": [
    path("M18 2 33 10v16L18 34 3 26V10z", "#dd2e44"),
    path("M18 2 33 10 18 18 3 10z", "#f4667a"),
    path("M18 18 33 10v16L18 34z", "#b3203a"),
    disc(18, 10, [3, 1.8], "#fff"),
    disc(8, 17.5, [1.7, 2.3], "#fff"),
    disc(13, 26, [1.7, 2.3], "#fff"),
    disc(23, 19.5, [1.6, 2.2], "#fff"),
    disc(25.5, 23, [1.6, 2.2], "#fff"),
    disc(28, 26, [1.6, 2.2], "#fff"),
  ],
  "✏️": [
    path("M3 33l2.500-9L12 30.500z", "#ffe0b2"),
    path("M3 33l1-3.500L6.500 32z", "#44474d"),
    path("M5.500 24 23 6.500 29.500 13 12 30.500z", "#ffcc4d"),
    path("M8.700 27.200 26.200 9.700 29.500 13 12 30.500z", "#e8a73a"),
    path("M23 6.500 25 4.500 31.500 11 29.500 13z", "#b8c2cb"),
    path("M25 4.500l2-2q1.500-1.200 3 0L33.500 6q1.200 1.500 0 3l-2 2z", "#ea596e"),
  ],
  ℹ️: [
    box(1, 1, 34, 34, 7, "#3b88c3"),
    disc(18, 9.5, 2.8, "#fff"),
    path("M14 15h6.200v11H23v3.500H13.200V26H16v-7.500h-2z", "#fff"),
  ],
  "🗑️": [
    path(
      "M7 10h22l-2.200 22a2.500 2.500 0 0 1-2.500 2.200H11.700A2.500 2.500 0 0 1 9.200 32z",
      "#99aab5",
    ),
    line("M13 14.500l.8 15M18 14.500v15M23 14.500l-.8 15", "#66757f", 2),
    box(5, 6.5, 26, 4, 2, "#ccd6dd"),
    path(
      "M13.500 6.500V4.800A1.800 1.800 0 0 1 15.300 3h5.400a1.800 1.800 0 0 1 1.800 1.800v1.700h-2.500V5.300h-4v1.200z",
      "#ccd6dd",
    ),
  ],
  "👍": [
    path(
      "M11 16l6-12.500c3-.8 5 1.200 4.500 4.200L20.500 13H29a3 3 0 0 1 2.500 4.700q1.500 2.300-.3 4.300 1 2.300-1 4.200.5 3.800-3.700 3.800H18q-4 0-7-2z",
      "#ffdb5e",
    ),
    box(4, 15, 7.5, 16, 2, "#3b88c3"),
  ],
  "❤️": [
    path(
      "M18 32C9 25.500 3 20 3 12.500A8 8 0 0 1 18 8a8 8 0 0 1 15 4.500C33 20 27 25.500 18 32z",
      "#dd2e44",
    ),
  ],
  "😂": [
    FACE,
    path("M9 19h18q-.5 9-9 9t-9-9z", "#664500"),
    path("M10.500 19h15v2.500h-15z", "#fff"),
    line("M8 14q3-4 6 0M22 14q3-4 6 0", "#664500", 2.2),
    path(
      "M6 17q-5 3-4.500 6.500 2.500 2.500 4.500-1zM30 17q5 3 4.500 6.500-2.500 2.500-4.500-1z",
      "#5dadec",
    ),
  ],
  "😮": [
    FACE,
    disc(12, 14, [2.2, 3], "#664500"),
    disc(24, 14, [2.2, 3], "#664500"),
    disc(18, 25, [4, 5], "#664500"),
  ],
  "🎉": [
    path("M3 33 12 11q9 3 13 13z", "#f7b731"),
    path("M5.500 27 12 11q9 3 13 13l-6 2.500z", "#ffd76e"),
    line("M20 13q1-6 6-8M24 17q5-2 8 1M15 9q-1-3 1-6", "#dd2e44", 2.4),
    disc(28, 11, 1.8, "#5c913b"),
    disc(21, 4, 1.6, "#3b88c3"),
    disc(31, 25, 1.7, "#9266cc"),
    disc(9, 6, 1.6, "#ea596e"),
  ],
  "👀": [
    disc(10, 18, [8, 11], "#f5f8fa"),
    disc(26, 18, [8, 11], "#f5f8fa"),
    disc(7.5, 19.5, [3.6, 5], "#292f33"),
    disc(23.5, 19.5, [3.6, 5], "#292f33"),
  ],
  "🔥": [
    path("M18 2q1 6 6.500 10.500T30 23q-1 11-12 11T6 23q0-6 4-9 .5 4 3 5Q12 8 18 2z", "#f4900c"),
    path("M18 17q6 5 6 10t-6 6.500q-6-1.500-6-6.500 0-3 2-4.500.5 2 2 2.500-.5-5 2-8z", "#ffcc4d"),
  ],
  "✨": [SPARK(21, 16, 13, "#ffcc4d"), SPARK(8, 27, 7, "#ffcc4d"), SPARK(8, 7, 5, "#ffe08a")],
  "🎬": [
    box(3, 14, 30, 19, 3, "#3e4347"),
    path("M3 9.500 31.500 3l1.300 5.500L4.300 15z", "#66757f"),
    path("M9 8.200l4-.9 3 5-4 .9zM18 6.200l4-.9 3 5-4 .9zM27 4.100l3-.7 2 5-2 .5z", "#fff"),
    box(7, 19, 22, 2.2, 1, "#99aab5"),
    box(7, 24, 22, 2.2, 1, "#99aab5"),
  ],
  "⏳": [
    path("M9 3h18v3q0 6-6 12 6 6 6 12v3H9v-3q0-6 6-12-6-6-6-12z", "#d7e4ee"),
    path("M12 9h12q-1 4-6 8-5-4-6-8zM18 22q5 3 6 9H12q1-6 6-9z", "#ffac33"),
    box(7, 2, 22, 3.5, 1.7, "#a0713f"),
    box(7, 30.5, 22, 3.5, 1.7, "#a0713f"),
  ],
  "✅": [box(1, 1, 34, 34, 7, "#77b255"), line("M8.500 19 15 26 27.500 10", "#fff", 4.5)],
  "⚠️": [
    path(
      "M15.800 3.500a2.500 2.500 0 0 1 4.400 0L34.500 30A2.500 2.500 0 0 1 32.300 34H3.700A2.500 2.500 0 0 1 1.500 30z",
      "#ffcc4d",
    ),
    line("M18 12.500v10", "#332a10", 4),
    disc(18, 28.5, 2.4, "#332a10"),
  ],
};
const VARIATION = /\ufe0f/g;
const BY_PLAIN = new Map(
  Object.entries(DRAWN).map(([sign, shapes]) => [sign.replace(VARIATION, ""), shapes]),
);

/** Matches a drawn emoji at the start of a text. */
export const EMOJI = new RegExp(`^(?:${[...BY_PLAIN.keys()].join("|")})\ufe0f?`, "u");
/** Matches a drawn emoji anywhere in a text. */
export const EMOJI_START = [...BY_PLAIN.keys()].join("|");

/** Return an emoji in the size of the text; `silent` hides it from screen readers. */
export function emoji(sign, { silent = false } = {}) {
  const shapes = BY_PLAIN.get((sign ?? "").replace(VARIATION, ""));
  const label = silent ? { "aria-hidden": "true" } : { role: "img", "aria-label": sign };
  if (!shapes) return h("span", { class: "emoji", ...label }, sign);
  const drawn = shapes.map(([tag, attributes]) => svg(tag, attributes));
  return h(
    "span",
    { class: "emoji drawn", dataset: { part: sign }, ...label },
    svg("svg", { viewBox: "0 0 36 36", "aria-hidden": "true" }, ...drawn),
  );
}
