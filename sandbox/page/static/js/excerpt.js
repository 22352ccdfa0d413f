/** Messages in a few plain words. */

import { known } from "./people.js";
import { t } from "./words.js";

/** One line of a message, for a reply to it. */
export function excerpt(message, app) {
  const plain = textOf(message)
    .replace(/^(-#|#{1,3}|>) +/gm, "")
    .replace(/<@!?(\d+)>/g, (_all, id) => `@${known({ id }, app).name ?? t("unknown")}`)
    .replace(/\\([^\w\s]|_)|\*{1,2}|__|~~|\|\||`/g, (_all, sign) => sign ?? "")
    .replace(/\s+/g, " ")
    .trim();
  if (plain) return plain;
  const hasFile = message.attachments?.length > 0;
  return hasFile ? t("Click to see the attachment") : t("Click to see the message");
}

/** What a message says first, as it was written. */
export function textOf({ content, components, embeds }) {
  return content || firstText(components) || embeds?.[0]?.title || "";
}

function firstText(list) {
  for (const one of list ?? []) {
    const words = one.content ?? firstText(one.components);
    if (words) return words;
  }
  return "";
}
