/** The page's icons: one path each in a 24 × 24 field. */

import { svg } from "./dom.js";

const PATHS = {
  hash: "M9 4 7 20M17 4l-2 16M4 9h16M3.500 15h16",
  at: "M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0zm0 0v1.500a2.500 2.500 0 0 0 5 0V12a9 9 0 1 0-4 7.480",
  thread: "M5 4h14v11h-8l-4 4v-4H5zM9 8h7M9 11h4",
  menu: "M4 6h16M4 12h16M4 18h16",
  smile:
    "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8.500 14a4.200 4.200 0 0 0 7 0M9 9.500v.01M15 9.500v.01",
  reply: "M10 5 4 11l6 6v-4c5 0 8 1.500 10 5 0-6-3-10-10-10z",
  apps: "M5 5h5v5H5zM14 5h5v5h-5zM5 14h5v5H5zM16.500 14v5M14 16.500h5",
  bin: "M4 7h16M10 4h4l1 3H9zM6 7l1 13h10l1-13M10 11v5M14 11v5",
  eye: "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  down: "M6 9l6 6 6-6",
  right: "M9 6l6 6-6 6",
  more: "M6 12a1 1 0 1 1-2 0 1 1 0 0 1 2 0zM13 12a1 1 0 1 1-2 0 1 1 0 0 1 2 0zM20 12a1 1 0 1 1-2 0 1 1 0 0 1 2 0z",
  id: "M4 5h16v14H4zM8 9v6M12 9v6h1.500a3 3 0 0 0 0-6z",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  up: "M12 20V5M6 11l6-6 6 6",
  check: "M5 12.500 10 17l9-10",
  close: "M6 6l12 12M18 6 6 18",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  link: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
  play: "M8 5v14l11-7z",
  plus: "M12 5v14M5 12h14",
  gauge: "M4 18a8.500 8.500 0 1 1 16 0M12 14l4-5M12 15v.01",
  skull: "M7 17v3h10v-3c2-1.500 3-3.600 3-6a8 8 0 0 0-16 0c0 2.400 1 4.500 3 6zM9 11v.01M15 11v.01M11 20v-3M13 20v-3",
  shield: "M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6z",
};

/** Return an icon, which is hidden from screen readers. */
export function icon(name, size = 20) {
  return svg(
    "svg",
    {
      viewBox: "0 0 24 24",
      width: size,
      height: size,
      fill: "none",
      stroke: "currentColor",
      "stroke-width": 2,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
      "aria-hidden": "true",
      class: `icon icon-${name}`,
    },
    svg("path", { d: PATHS[name] }),
  );
}
