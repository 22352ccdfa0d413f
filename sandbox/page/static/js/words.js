/** The page's words and times in the language of the person it is seen as. */

import zhCN from "../locale/zh-CN.js";

const ENGLISH = "en-US";
const CATALOGUES = { "zh-CN": zhCN };

let language = ENGLISH;
let catalogue = {};

/** From now on everything is said in this language, one of Discord's locales. */
export function speak(locale) {
  language = locale ?? ENGLISH;
  catalogue = CATALOGUES[language] ?? {};
  document.documentElement.lang = language;
}

/** The language for dates and numbers. */
export function spoken() {
  return language;
}

/** A text in the person's language; `{name}` in it becomes `values.name`. */
export function t(text, values = {}) {
  return filled(catalogue[text] ?? text, values).join("");
}

/** The same as a list, in which values may be elements. */
export function parts(text, values) {
  return filled(catalogue[text] ?? text, values);
}

/** A text that is translated where it is shown. */
export function marked(text) {
  return text;
}

/** Words for one or for several, which have `{count}` in them. */
export function counted(count, one, several) {
  return t(count === 1 ? one : several, { count });
}

/** An error of the page's server in the person's language, as a sentence. */
export function told({ error, template, values }) {
  const words = template ? t(template, values) : t(error ?? "");
  return words && words[0].toUpperCase() + words.slice(1);
}

function filled(text, values) {
  return text
    .split(/(\{\w+\})/)
    .map((part) => (/^\{\w+\}$/.test(part) ? (values[part.slice(1, -1)] ?? part) : part))
    .filter((part) => part !== "");
}
