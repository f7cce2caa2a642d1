"""Contrast as it is painted: where a browser turns colours dark by itself, no style tells them."""

from base64 import b64encode
from typing import Any, Final

from playwright.sync_api import Page

from browser.measuring import LIGHTNESS, RUNS, script

SHARP: Final = 2
"""At so many pixels to one, even the thin strokes of small letters have their full colour."""

BOXES: Final = script(
    RUNS,
    """
  const range = document.createRange();
  const boxes = node => {
    range.selectNodeContents(node);
    return [...range.getClientRects()]
      .map(box => [box.left + scrollX, box.top + scrollY, box.right + scrollX, box.bottom + scrollY])
      .map(sides => sides.map(side => Math.round(side * devicePixelRatio)))
      .filter(([left, top, right, bottom]) => right > left && bottom > top);
  };
  return runs.map(({node, words}) => ({words, boxes: boxes(node)}));
""",
)

# Ground is the colour seen most; ink is whichever differs most from it, and is no stray pixel.
PAINTED: Final = (
    "async ({png, runs}) => {"
    + LIGHTNESS
    + """
  const picture = new Image();
  picture.src = `data:image/png;base64,${png}`;
  await picture.decode();
  const canvas = new OffscreenCanvas(picture.width, picture.height)
    .getContext('2d', {willReadFrequently: true});
  canvas.drawImage(picture, 0, 0);
  const counted = boxes => {
    const counts = new Map();
    for (const [left, top, right, bottom] of boxes) {
      const {data} = canvas.getImageData(left, top, right - left, bottom - top);
      for (const pixel of new Uint32Array(data.buffer))
        counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
    }
    return [...counts].filter(([, count]) => count > 1).sort(([, a], [, b]) => b - a);
  };
  const rgb = ([pixel]) => [pixel & 255, pixel >> 8 & 255, pixel >> 16 & 255];
  return runs.map(({words, boxes}) => {
    const [ground, ...others] = counted(boxes).map(rgb);
    return [Math.max(1, ...others.map(ink => ratio(ink, ground))), words];
  });
}"""
)


def painted_contrasts(page: Page) -> list[tuple[float, str]]:
    """Take a picture of a page; give the contrast of every piece of text in it."""
    runs: list[Any] = page.evaluate(BOXES)
    png = b64encode(page.screenshot(full_page=True)).decode()
    with page.context.new_page() as eye:
        return [
            (ratio, words) for ratio, words in eye.evaluate(PAINTED, {"png": png, "runs": runs})
        ]
