/** Options that are typed as `prompt: … seed: 5`, as Discord's own box takes them. */

/**
 * What was typed, taken apart: `before` stands in front of the first name of an option, `given` is
 * a list of `[option, words]` in the order in which they were typed.
 */
export function takeApart(text, options) {
  const named = (name) => options.find((one) => one.name === name.toLowerCase());
  const found = [...text.matchAll(/(^|\s)([\p{L}\p{N}_-]+)[:：]/gu)].filter((one) => named(one[2]));
  const given = found.map((one, index) => {
    const words = text.slice(one.index + one[0].length, found[index + 1]?.index);
    return [named(one[2]), words.trimStart()];
  });
  return { before: text.slice(0, found[0]?.index), given };
}
