"""Scripts that measure what a page shows; each gives what it found, with words to know it by."""

from typing import Final

LIGHTNESS: Final = """
  const light = colour => colour.slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (one, other) => {
    const [less, more] = [light(one), light(other)].sort((a, b) => a - b);
    return (more + 0.05) / (less + 0.05);
  };
"""
"""The contrast of two colours, as WCAG defines it."""

RUNS: Final = """
  const runs = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, words = node.textContent.trim(), e = node.parentElement;
    if (words && e.checkVisibility()) runs.push({node, words, e});
  }
  const style = e => getComputedStyle(e);
  const pixels = (e, name) => parseFloat(style(e)[name]);
  const block = e => style(e).display === 'inline' ? block(e.parentElement) : e;
"""
"""Every piece of text that is seen, and the element that it stands in."""

PARAGRAPHS: Final = """
  const lines = nodes => {
    const found = [], range = document.createRange();
    let bottom = -Infinity;
    for (const node of nodes) for (let place = 0; place < node.length; place++) {
      range.setStart(node, place); range.setEnd(node, place + 1);
      const box = range.getBoundingClientRect();
      if (!box.width) continue;
      if ((box.top + box.bottom) / 2 > bottom) { found.push(0); bottom = box.bottom; }
      found[found.length - 1]++;
    }
    return found;
  };
  const paragraphs = [...Map.groupBy(runs, run => block(run.e))]
    .filter(([e]) => !e.closest('h1, h2, h3, h4, h5, h6, pre'))
    .map(([e, inside]) => ({
      e, words: inside.map(run => run.words).join(' '), lines: lines(inside.map(run => run.node)),
    }));
"""
"""Running text, with the number of characters on each of its lines."""

LINKS: Final = """
  const links = [...document.querySelectorAll('a[href]')].filter(a => a.checkVisibility());
  const alts = a => [...a.querySelectorAll('img')].map(image => image.alt).join(' ');
  const name = a => (a.innerText.trim() || alts(a).trim()).replace(/\\s+/g, ' ');
"""
"""Every link, and what it is called: by its words, or else by its picture's."""


def script(*parts: str) -> str:
    """Put a script together."""
    return f"() => {{{''.join(parts)}}}"


OVER_THE_EDGE: Final = """() => {
  const scrolls = e => ['auto', 'scroll'].includes(getComputedStyle(e).overflowX);
  const held = e => e && (scrolls(e) || held(e.parentElement));
  const width = document.documentElement.clientWidth;
  return [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > width + 0.5 && !held(e))
    .map(e => e.outerHTML.slice(0, 80));
}"""

TOO_WIDE: Final = """() => {
  const {scrollWidth, clientWidth} = document.documentElement;
  return scrollWidth > clientWidth ? [`${scrollWidth} px on a screen of ${clientWidth}`] : [];
}"""

CUT_OFF: Final = """() => [...document.querySelectorAll('body *')]
  .filter(e => ['hidden', 'clip'].includes(getComputedStyle(e).overflowY))
  .filter(e => e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight)
  .map(e => e.outerHTML.slice(0, 80))"""

CONTRASTS: Final = script(
    LIGHTNESS,
    RUNS,
    """
  const canvas = document.createElement('canvas').getContext('2d');
  const rgb = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const ground = e => {
    const colour = rgb(style(e).backgroundColor);
    return colour[3] === 255 ? colour : e.parentElement ? ground(e.parentElement) : [0, 0, 0, 255];
  };
  return runs.map(({words, e}) => [ratio(rgb(style(e).color), ground(e)), words]);
""",
)

TEXT_SIZES: Final = script(RUNS, "return runs.map(({words, e}) => [pixels(e, 'fontSize'), words]);")

LINE_LENGTHS: Final = script(
    RUNS,
    PARAGRAPHS,
    """
  const mean = counts => counts.reduce((sum, n) => sum + n, 0) / counts.length;
  return paragraphs.filter(p => p.lines.length > 2)
    .map(p => [mean(p.lines.slice(0, -1)), p.words]);
""",
)

LINE_HEIGHTS: Final = script(
    RUNS,
    PARAGRAPHS,
    """
  return paragraphs.filter(p => p.lines.length > 1)
    .map(({e, words}) => [pixels(e, 'lineHeight') / pixels(e, 'fontSize'), words]);
""",
)

DOUBLE: Final = """() => [...document.querySelectorAll('body, body *')]
  .map(e => [e, 2 * parseFloat(getComputedStyle(e).fontSize)])
  .forEach(([e, size]) => e.style.setProperty('font-size', `${size}px`, 'important'))"""
"""Makes all letters twice as large; a line's height follows where it is a multiple of theirs."""

SQUEEZED: Final = script(
    RUNS,
    """
  return runs.filter(({e}) => pixels(e, 'lineHeight') < pixels(e, 'fontSize'))
    .map(({words}) => words);
""",
)

NAMELESS_LINKS: Final = script(LINKS, "return links.filter(a => !name(a)).map(a => a.outerHTML);")

LINKS_OF_TWO_MINDS: Final = script(
    LINKS,
    """
  return [...Map.groupBy(links, a => name(a).toLowerCase())]
    .filter(([, same]) => new Set(same.map(a => a.href)).size > 1).map(([words]) => words);
""",
)

UNMARKED_LINKS: Final = script(
    RUNS,
    LINKS,
    """
  const filled = e => style(e).backgroundColor !== 'rgba(0, 0, 0, 0)';
  const alone = a => a.parentElement.matches('td') && a.parentElement.innerText === a.innerText;
  const button = a => style(a).display !== 'inline' &&
    (filled(a) || (alone(a) && filled(a.parentElement)));
  return links.filter(a => a.innerText.trim())
    .filter(a => !style(a).textDecorationLine.includes('underline') && !button(a)).map(name);
""",
)

SMALL_LINKS: Final = script(
    RUNS,
    LINKS,
    """
  const inline = node => !node.tagName || style(node).display.startsWith('inline');
  const hidden = node => node.nodeName === '#comment' || (node.tagName && !node.checkVisibility());
  const says = node => /[\\p{L}\\p{N}]/u.test(node.textContent);
  const free = (node, side) => {
    for (let next = node[side]; next; next = next[side]) {
      if (hidden(next)) continue;
      if (next.nodeName === 'BR' || !inline(next)) return true;
      if (says(next)) return false;
    }
    return !inline(node.parentElement) || free(node.parentElement, side);
  };
  return links.filter(a => a.innerText.trim())
    .filter(a => free(a, 'previousSibling') && free(a, 'nextSibling'))
    .filter(a => a.getBoundingClientRect().height < 24).map(name);
""",
)
"""Links that share their line with nothing else, and are lower than a finger needs."""
