/** Renders pictures, videos and files, below a message or in its components. */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./words.js";

const IS_SPOILER = 1 << 3;
const WIDEST = 550;
const HIGHEST = 350;

/** Return the attachments of a message, pictures and videos first. */
export function attachments(files) {
  const seen = files.filter((file) => kind(file) !== "file");
  const rest = files.filter((file) => kind(file) === "file");
  return [
    seen.length > 0 &&
      h("div", { class: "gallery", dataset: { part: "attachments" } }, seen.map(medium)),
    rest.map(fileBox),
  ];
}

/** Render a media gallery like attachments. */
export function gallery(items) {
  return h(
    "div",
    { class: "gallery", dataset: { part: "gallery" } },
    items.map((item) =>
      medium({ ...item.media, description: item.description, spoiler: item.spoiler }),
    ),
  );
}

/** Render one picture or video in a box of its final size. */
export function medium(file) {
  const { width, height } = shownSize(file);
  const style = width ? { width: `${width}px`, aspectRatio: `${width} / ${height}` } : {};
  const box = h(
    "div",
    { class: `medium ${kind(file)}`, style, dataset: { keep: keepOf(file) } },
    player(file),
  );
  return hidden(file) ? veiled(box) : box;
}

function player(file) {
  const label = file.description ?? file.filename ?? nameOf(file.url);
  if (kind(file) === "video") {
    return h("video", {
      src: file.url,
      controls: true,
      playsinline: true,
      preload: "metadata",
      loop: true,
      "aria-label": label,
      onloadedmetadata: measure,
    });
  }
  const picture = h("img", {
    src: file.url,
    alt: file.description ?? "",
    title: label,
    loading: "lazy",
    decoding: "async",
  });
  return h(
    "a",
    { href: file.url, target: "_blank", rel: "noopener noreferrer", "aria-label": t("Open {file}", { file: label }) },
    picture,
  );
}

/** Resize the box of a video without a known size as soon as its size is known. */
function measure({ currentTarget: video }) {
  const place = video.parentElement;
  const { width, height } = shownSize({ width: video.videoWidth, height: video.videoHeight });
  if (!width || !place) return;
  place.style.width = `${width}px`;
  place.style.aspectRatio = `${width} / ${height}`;
}

function veiled(box) {
  const inside = box.firstChild;
  const show = (event) => {
    event.currentTarget.remove();
    box.classList.remove("veiled");
    inside.inert = false;
    inside.focus({ preventScroll: true });
  };
  box.classList.add("veiled");
  inside.inert = true;
  const label = { type: "button", class: "veil", onclick: show, "aria-label": t("Spoiler: show it") };
  box.append(h("button", label, h("span", {}, t("Spoiler"))));
  return box;
}

/** Render a file that can only be downloaded. */
export function fileBox(file) {
  const name = file.filename ?? file.name ?? nameOf(file.url);
  return h(
    "div",
    { class: "file-box", dataset: { keep: keepOf(file) } },
    icon("file", 28),
    h(
      "div",
      {},
      h(
        "a",
        { href: file.url, target: "_blank", rel: "noopener noreferrer", download: name },
        name,
      ),
      h("div", { class: "small" }, inBytes(file.size)),
    ),
  );
}

/** Format a size for people. */
export function inBytes(bytes) {
  if (bytes == null) return "";
  if (bytes < 1000) return t("{count} bytes", { count: bytes });
  const [size, unit] = bytes < 1_000_000 ? [bytes / 1000, "kB"] : [bytes / 1_000_000, "MB"];
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${unit}`;
}

function kind(file) {
  const type = file.content_type ?? "";
  if (type.startsWith("video/") || /\.(mp4|webm|mov)(\?|$)/i.test(file.url ?? "")) return "video";
  if (type.startsWith("image/") || (!type && file.width)) return "image";
  return /\.(png|jpe?g|gif|webp|bmp)(\?|$)/i.test(file.url ?? "") ? "image" : "file";
}

/** Whether a file is a video, as far as its type or its name says. */
export function isVideo(file) {
  return kind(file) === "video";
}

function hidden(file) {
  const name = file.filename ?? nameOf(file.url);
  return (
    Boolean(file.spoiler) || name.startsWith("SPOILER_") || ((file.flags ?? 0) & IS_SPOILER) !== 0
  );
}

function shownSize({ width, height }) {
  if (!width || !height) return {};
  const scale = Math.min(1, WIDEST / width, HIGHEST / height);
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

/** The part of a URL that stays the same when it is signed again. */
function keepOf(file) {
  return (file.url ?? "").split("?", 1)[0];
}

function nameOf(url) {
  return decodeURIComponent(keepOf({ url }).split("/").at(-1) ?? "");
}
