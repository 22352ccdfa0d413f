/** Renders components: rows of buttons and menus, and layout components. */

import { embedColour } from "./embeds.js";
import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { icon } from "./icons.js";
import { markdown } from "./markdown.js";
import { fileBox, gallery, medium } from "./media.js";
import { selectMenu } from "./select.js";
import { marked, t } from "./words.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "primary" };

const MAKERS = {
  1: row,
  2: button,
  3: select,
  5: select,
  6: select,
  7: select,
  8: select,
  9: section,
  10: display,
  11: thumbnail,
  12: (one) => gallery(one.items),
  13: file,
  14: separator,
  17: container,
};

/** Return the elements of a message's components. */
export function components(message, app) {
  return (message.components ?? []).map((one) => made(one, message, app));
}

function made(component, message, app) {
  return MAKERS[component.type]?.(component, message, app) ?? null;
}

function inside(list, message, app) {
  return (list ?? []).map((one) => made(one, message, app));
}

function row(component, message, app) {
  return h(
    "div",
    { class: "row", dataset: { part: "row" } },
    inside(component.components, message, app),
  );
}

function container(component, message, app) {
  const colour = component.accent_color;
  const style = colour == null ? {} : { "--accent": embedColour(colour) };
  const box = h(
    "div",
    {
      class: colour == null ? "container" : "container accented",
      style,
      dataset: { part: "container" },
    },
    inside(component.components, message, app),
  );
  if (component.spoiler) box.classList.add("spoiler-box");
  return box;
}

function section(component, message, app) {
  return h(
    "div",
    { class: "section", dataset: { part: "section" } },
    h("div", { class: "section-words" }, inside(component.components, message, app)),
    made(component.accessory, message, app),
  );
}

function display(component, _message, app) {
  return h(
    "div",
    { class: "display", dataset: { part: "display" } },
    markdown(component.content, app),
  );
}

function thumbnail(component) {
  return h(
    "div",
    { class: "thumbnail" },
    medium({ ...component.media, description: component.description, spoiler: component.spoiler }),
  );
}

function file(component) {
  return fileBox({ ...component.file, filename: component.name, size: component.size });
}

function separator(component) {
  const large = component.spacing === 2 ? " large" : "";
  return h("hr", { class: `separator${large}${component.divider === false ? " bare" : ""}` });
}

function face(component) {
  return [
    component.emoji && emoji(component.emoji.name, { silent: true }),
    component.label && h("span", {}, component.label),
  ];
}

function button(component, message, app) {
  const style = `button ${STYLES[component.style]}`;
  const part = component.custom_id ?? component.url;
  if (component.style === 5) {
    return h(
      "a",
      {
        class: style,
        href: safe(component.url),
        target: "_blank",
        rel: "noopener noreferrer",
        dataset: { part },
      },
      face(component),
      icon("link", 16),
    );
  }
  const press = (event) =>
    busy(
      event.currentTarget,
      app,
      app.connection.request("press", { message: message.id, custom_id: component.custom_id }),
    );
  return h(
    "button",
    {
      type: "button",
      class: style,
      disabled: component.disabled,
      onclick: press,
      dataset: { part },
      title: named(component) ?? null,
      "aria-label": component.label ? null : (named(component) ?? component.emoji?.name),
    },
    face(component),
  );
}

/** Labels for screen readers of buttons that have only an emoji. */
const NAMES = {
  "🔁": marked("Again, with the same seed"),
  "🎲": marked("Again, with a new seed"),
  "✏️": marked("Change it"),
  ℹ️: marked("About this video"),
  "🗑️": marked("Delete"),
};

function named({ emoji: sign }) {
  const name = NAMES[sign?.name];
  return name && t(name);
}

function select(component, message, app) {
  return selectMenu(component, app, (values) => {
    const sent = { message: message.id, custom_id: component.custom_id, values };
    app.connection.request("select", sent).catch((error) => app.toast(error.message));
  });
}

async function busy(element, app, answer) {
  element.classList.add("busy");
  element.setAttribute("aria-busy", "true");
  try {
    await answer;
  } catch (error) {
    app.toast(error.message);
  } finally {
    element.classList.remove("busy");
    element.removeAttribute("aria-busy");
  }
}

function safe(address) {
  return /^(https?|discord):\/\//i.test(address ?? "") ? address : null;
}
