/** Popovers: a menu or a list beside the element that opened it. One is open at a time. */

const MARGIN = 8;
let closeOpen = null;

/**
 * Show `content` beside `anchor`. Esc, a click elsewhere, and another popover close it.
 *
 * options: `side` ("above", "below"), `align` ("start", "end"), `at`: `{x, y}` instead of beside
 * the anchor, `onClose`.
 * Returns a function that closes it; `{ focus: false }` leaves the focus unchanged.
 */
export function openPopover(
  anchor,
  content,
  { side = "below", align = "start", at, onClose } = {},
) {
  closeOpen?.({ focus: false });
  content.classList.add("popover");
  // Inside an open dialog, because the rest of the page is inert then.
  (anchor.closest("dialog") ?? document.body).append(content);
  put();

  function put() {
    place(content, at ? pointRect(at) : anchor.getBoundingClientRect(), side, align);
  }

  function close({ focus = true } = {}) {
    if (closeOpen !== close) return;
    closeOpen = null;
    content.remove();
    document.removeEventListener("pointerdown", elsewhere, true);
    document.removeEventListener("keydown", escape, true);
    window.removeEventListener("resize", put);
    onClose?.();
    if (focus) anchor.focus({ preventScroll: true });
  }
  function elsewhere(event) {
    const isOpener = !at && anchor.contains(event.target);
    if (!content.contains(event.target) && !isOpener) close({ focus: false });
  }
  function escape(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    close();
  }
  document.addEventListener("pointerdown", elsewhere, true);
  document.addEventListener("keydown", escape, true);
  // A phone's keyboard that goes away makes the window higher: that closes nothing.
  window.addEventListener("resize", put);
  closeOpen = close;
  return close;
}

function pointRect({ x, y }) {
  return { left: x, right: x, top: y + MARGIN, bottom: y - MARGIN };
}

function place(content, at, side, align) {
  const { offsetWidth: width, offsetHeight: height } = content;
  const above = at.top - height - MARGIN;
  const below = at.bottom + MARGIN;
  const fits = below + height <= window.innerHeight;
  const top = (side === "above" && above >= 0) || (!fits && above >= 0) ? above : below;
  const left = align === "end" ? at.right - width : at.left;
  content.style.top = `${within(top, height, window.innerHeight)}px`;
  content.style.left = `${within(left, width, window.innerWidth)}px`;
}

function within(start, size, room) {
  return Math.max(MARGIN, Math.min(start, room - size - MARGIN));
}

/** Move the focus between elements that match `selector` with arrow keys, Home and End. */
export function walkWithArrows(box, selector, { columns = 1 } = {}) {
  box.addEventListener("keydown", (event) => {
    const all = [...box.querySelectorAll(selector)];
    const here = all.indexOf(document.activeElement);
    const to =
      { ArrowDown: here + columns, ArrowUp: here - columns, Home: 0, End: all.length - 1 }[
        event.key
      ] ?? (columns > 1 ? { ArrowRight: here + 1, ArrowLeft: here - 1 }[event.key] : undefined);
    if (to === undefined || all.length === 0) return;
    event.preventDefault();
    all[Math.max(0, Math.min(to, all.length - 1))].focus();
  });
}
