/** People as the page shows them: names, colors and avatars. */

import { h } from "./dom.js";
import { hex } from "./inline.js";
import { t } from "./words.js";

/** Return somebody's data from the scene, completed by what a message has. */
export function known(user, app) {
  const scene = app.state.scene;
  const one = [...(scene?.members ?? []), ...(scene?.people ?? [])].find(
    ({ id }) => id === user.id,
  );
  return {
    id: user.id,
    name: one?.display_name ?? user.global_name ?? user.display_name ?? user.username ?? user.name,
    colour: hex(one?.colour ?? user.colour ?? "#949ba4"),
    bot: Boolean(user.bot ?? one?.bot),
  };
}

/** Make an avatar: the bot's icon, or the first letter of a name on its color. */
export function avatar(person, { small = false } = {}) {
  const size = small ? "avatar small" : "avatar";
  const dataset = { user: person.id };
  if (person.bot) return h("img", { class: size, src: "/static/icon.svg", alt: "", dataset });
  const letter = [...(person.name ?? "?")][0].toUpperCase();
  return h(
    "span",
    { class: size, "aria-hidden": "true", style: { background: person.colour }, dataset },
    letter,
  );
}

/** Render a name in its color, with a badge for an app. */
export function nameOf(person) {
  return [
    h(
      "span",
      { class: "name", style: { color: person.colour }, dataset: { user: person.id } },
      person.name,
    ),
    person.bot && h("span", { class: "app-badge" }, t("APP")),
  ];
}
