"use strict";
// Turns what is pasted from Word or from a web page into Markdown: paragraphs, headings, lists,
// bold, italics, links, raised and lowered signs stay; fonts, colours and sizes go.
// What comes in is read as an inert document and never put into this page.
(() => {
  const RAISED = ["0123456789+-−=()nialmrsctopbdefghjkuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱᵃˡᵐʳˢᶜᵗᵒᵖᵇᵈᵉᶠᵍʰʲᵏᵘᵛʷˣʸᶻ"];
  const LOWERED = ["0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"];
  const LEFT_OUT = new Set("STYLE SCRIPT HEAD META LINK TITLE TEMPLATE NOSCRIPT SVG IFRAME OBJECT BUTTON INPUT SELECT TEXTAREA".split(" "));
  const BLOCKS = new Set("P DIV H1 H2 H3 H4 H5 H6 UL OL LI BLOCKQUOTE TABLE TR SECTION ARTICLE HEADER FOOTER MAIN ASIDE NAV FIGURE FIGCAPTION PRE HR DL DT DD ADDRESS TBODY THEAD CENTER".split(" "));
  const MARKED = /mso-list:\s*ignore/i;

  const style = (node) => node.getAttribute("style") ?? "";
  const shifted = (text, [from, to]) => {
    const signs = [...text].map((sign) => [...to][[...from].indexOf(sign)] ?? (sign.trim() ? null : sign));
    return signs.includes(null) ? text : signs.join("");
  };
  // Signs that Markdown would take for its own stand for themselves here.
  const literal = (text) => text
    .replace(/[\\`*]/g, "\\$&")
    .replace(/(^|[^\p{L}\p{N}])_|_(?=[^\p{L}\p{N}]|$)/gu, (found) => found.replace("_", "\\_"))
    .replace(/\](?=[(\[:])/g, "\\]")
    .replace(/<(?=[a-z/!?])/gi, "\\<")
    .replace(/&(?=#?\w+;)/g, "\\&");
  const atLineStart = (line) => line
    .replace(/^(#{1,6}|>|[-+=]+)(?=\s|$)/, "\\$1")
    .replace(/^(\d{1,9})([.)])(?=\s|$)/, "$1\\$2");

  // The marks stand close to the words, and blanks outside of them.
  const marked = (text, mark) => {
    const [, before, words, after] = /^(\s*)(.*?)(\s*)$/s.exec(text);
    return words ? `${before}${mark}${words}${mark}${after}` : text;
  };

  const isBold = (node) => {
    const weight = /(?:^|;)\s*font-weight:\s*(\w+)/i.exec(style(node))?.[1];
    if (weight) return weight === "bold" || Number(weight) >= 600;
    return node.nodeName === "B" || node.nodeName === "STRONG";
  };
  const isItalic = (node) => {
    const slant = /(?:^|;)\s*font-style:\s*(\w+)/i.exec(style(node))?.[1];
    return slant ? slant !== "normal" : node.nodeName === "I" || node.nodeName === "EM";
  };
  const shift = (node) => {
    const align = /(?:^|;)\s*vertical-align:\s*(\w+)/i.exec(style(node))?.[1];
    if (node.nodeName === "SUP" || align === "super") return RAISED;
    return node.nodeName === "SUB" || align === "sub" ? LOWERED : null;
  };

  const inline = (node, look) => [...node.childNodes].map((child) => piece(child, look)).join("");
  const piece = (node, look) => {
    if (node.nodeType === Node.TEXT_NODE) {
      const text = node.data.replace(/[\s\u00a0]+/g, " ");
      return literal(look.shift ? shifted(text, look.shift) : text);
    }
    if (node.nodeType !== Node.ELEMENT_NODE || isLeftOut(node)) return "";
    if (node.nodeName === "BR") return "\n";
    const bold = isBold(node) && !look.bold && !BLOCKS.has(node.nodeName);
    const italic = isItalic(node) && !look.italic && !BLOCKS.has(node.nodeName);
    const inner = inline(node, {
      shift: shift(node) ?? look.shift, bold: look.bold || bold, italic: look.italic || italic,
    });
    const text = marked(marked(inner, italic ? "*" : ""), bold ? "**" : "");
    return node.nodeName === "A" ? linked(node, text) : text;
  };
  const linked = (node, text) => {
    const address = node.getAttribute("href") ?? "";
    const isOut = /^(https?:\/\/|mailto:)[^\s<>()]*(\([^\s<>()]*\)[^\s<>()]*)*$/i.test(address);
    return isOut && text.trim() ? `[${text.trim()}](${address})` : text;
  };
  const isLeftOut = (node) => LEFT_OUT.has(node.nodeName.toUpperCase()) || MARKED.test(style(node))
    || /display:\s*none/i.test(style(node)) || node.nodeName === "O:P";

  // Word writes lists as paragraphs that say so in their style, with the mark in a span of its own.
  const wordItem = (node) => {
    const level = /mso-list:\s*l\d+\s+level(\d)/i.exec(style(node));
    if (!level && !/MsoListParagraph/i.test(node.className)) return null;
    const signs = [...node.querySelectorAll("span")].find((span) => MARKED.test(style(span)));
    const number = /^\s*(\d+|[a-z]|[ivx]+)[.)]/i.test(signs?.textContent ?? "");
    return level || signs ? { depth: Number(level?.[1] ?? 1) - 1, number } : null;
  };

  const lines = [];
  const add = (text, { first = "", rest = "", close = false } = {}) => {
    const words = text.split("\n").map((line) => atLineStart(line.trim())).filter(Boolean);
    if (!words.length) return;
    if (lines.length && !(close && lines.at(-1).close)) lines.push({ text: "", close: false });
    words.forEach((line, n) => {
      const end = n < words.length - 1 ? "\\" : "";
      lines.push({ text: (n ? rest : first) + line + end, close });
    });
  };

  const list = (node, indent) => {
    let number = Number(node.getAttribute("start") ?? 1);
    for (const item of node.children) {
      if (item.nodeName === "UL" || item.nodeName === "OL") { list(item, `${indent}  `); continue; }
      const mark = node.nodeName === "OL" ? `${number++}. ` : "- ";
      const inside = indent + " ".repeat(mark.length);
      const nested = [...item.children].filter((child) => /^[UO]L$/.test(child.nodeName));
      for (const each of nested) each.remove();
      add(inline(item, {}), { first: indent + mark, rest: inside, close: true });
      for (const each of nested) list(each, inside);
    }
  };

  let numbers = [];
  const block = (node) => {
    const item = node.nodeName === "P" || node.nodeName === "DIV" ? wordItem(node) : null;
    if (!item) numbers = [];
    if (item) {
      numbers.length = item.depth + 1;
      numbers[item.depth] = (numbers[item.depth] ?? 0) + 1;
      const mark = item.number ? `${numbers[item.depth]}. ` : "- ";
      const indent = "   ".repeat(item.depth);
      add(inline(node, {}), { first: indent + mark, rest: `${indent}   `, close: true });
    } else if (node.nodeName === "UL" || node.nodeName === "OL") {
      list(node, "");
    } else if (/^H[1-6]$/.test(node.nodeName)) {
      const words = inline(node, { bold: true }).replace(/\s+/g, " ").trim();
      if (words) add(words, { first: "### " });
    } else if (node.nodeName === "TR") {
      const cells = [...node.cells].map((cell) => inline(cell, {}).replace(/\s+/g, " ").trim());
      add(cells.filter(Boolean).join("; "), { first: "- ", close: true });
    } else {
      flow(node);
    }
  };
  // Pieces of text between blocks are paragraphs of their own.
  const flow = (node) => {
    let text = "";
    const end = () => { add(text); text = ""; };
    for (const child of node.childNodes) {
      const holds = child.nodeType === Node.ELEMENT_NODE && !isLeftOut(child)
        && (BLOCKS.has(child.nodeName) || child.querySelector([...BLOCKS].join(",")));
      if (holds) { end(); block(child); } else { text += piece(child, {}); }
    }
    end();
  };

  const markdownOf = (html) => {
    lines.length = 0;
    numbers = [];
    const fragment = /<!--StartFragment-->(.*)<!--EndFragment-->/s.exec(html)?.[1] ?? html;
    flow(new DOMParser().parseFromString(fragment, "text/html").body);
    return lines.map((line) => line.text).join("\n");
  };

  for (const field of document.querySelectorAll("textarea.markdown")) {
    field.addEventListener("paste", (event) => {
      const html = event.clipboardData.getData("text/html");
      const isPlain = field.form.elements.text_format?.value === "plain";
      const markdown = html && !isPlain ? markdownOf(html) : "";
      if (!markdown) return;
      event.preventDefault();
      // The one way that can be taken back with the keyboard.
      if (!document.execCommand("insertText", false, markdown)) {
        field.setRangeText(markdown, field.selectionStart, field.selectionEnd, "end");
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
    });
  }
})();
