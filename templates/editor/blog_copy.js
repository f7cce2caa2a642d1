"use strict";
// Puts the summary on the clipboard, with its bold and italics for where these are taken, and as
// plain text for where they are not.
(() => {
  const text = document.getElementById("to-copy");
  const told = document.getElementById("copied");
  const select = () => getSelection().selectAllChildren(text);
  const copy = async () => {
    const rich = [...text.children].map((each) => each.outerHTML).join("\n");
    const kinds = { "text/html": rich, "text/plain": text.innerText };
    const blobs = Object.entries(kinds).map(([type, words]) => [type, new Blob([words], { type })]);
    try {
      await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
      told.textContent = "Copied. Paste it into the page of the blog.";
    } catch {
      select();
      told.textContent = "This browser does not let a page copy. The text is selected: press Ctrl+C (on a Mac ⌘C).";
    }
  };
  document.getElementById("copy").addEventListener("click", copy);
  document.getElementById("copying").hidden = false;
  document.getElementById("how").hidden = true;
})();
