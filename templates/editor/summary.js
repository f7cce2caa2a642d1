"use strict";
// Keeps what is typed, shows what there is to say of it and how it will look, and finds topics.
// Without it the form works whole: with the buttons “Check”, “Preview” and “Save”.
(() => {
  const form = document.getElementById("summary");
  if (!form) return;
  const show = document.getElementById("show");
  const box = document.querySelector(".proof");
  const made = (tag, properties) => Object.assign(document.createElement(tag), properties);
  const PAUSE = 800;
  const NOT_KEPT = "This text could not be kept just now. It stays in this window.";
  let timer = 0, sent = "", isKept = true, isLeaving = false, underWay = null, place = "summary-1";

  const content = () => new URLSearchParams(new FormData(form)).toString();
  sent = content();

  // A new frame takes the place of the old one when it has come: nothing flickers, and the way
  // back in the browser's history stays short.
  const preview = () => {
    const name = `proof-${Date.now()}`;
    const old = box.querySelector("iframe:not(.coming)");
    for (const each of box.querySelectorAll(".coming")) each.remove();
    const frame = made("iframe", { name, title: old.title, className: "coming" });
    frame.setAttribute("sandbox", "");
    frame.addEventListener("load", () => {
      if (!frame.isConnected) return;
      old.remove();
      frame.classList.remove("coming");
    });
    box.append(frame);
    const path = show.formAction.replace(/#.*/, "");
    const button = made("button", { type: "submit", hidden: true, formNoValidate: true });
    button.formAction = `${path}#${place}`;
    button.formTarget = name;
    form.append(button);
    form.requestSubmit(button);
    button.remove();
  };

  const say = (id, text) => { document.getElementById(id).textContent = text; };

  const told = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const piece of page.querySelectorAll("[id]")) {
      const here = document.getElementById(piece.id);
      if (here && here.outerHTML !== piece.outerHTML && piece.parentElement === page.body) {
        here.replaceWith(document.importNode(piece, true));
      }
    }
  };

  const refused = (html, isAgain) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const token = page.querySelector("main input[name=csrf]")?.value;
    if (!token || isAgain) {
      say("kept", NOT_KEPT);
    } else if (page.body.dataset.editor !== document.body.dataset.editor) {
      say("kept", "Somebody else is signed in now, so this text is not kept. It stays in this window.");
    } else {
      // Signing in again, in another tab too, gives forms another token: the refusal brings it.
      for (const field of document.querySelectorAll("input[name=csrf]")) field.value = token;
      return keep(true);
    }
  };

  const keep = async (isAgain = false) => {
    const now = content();
    if (now === sent || isLeaving) return;
    underWay?.abort();
    underWay = new AbortController();
    try {
      const answer = await fetch(form.dataset.keep, {
        method: "POST", body: new URLSearchParams(now), signal: underWay.signal,
      });
      if (answer.status === 401) {
        say("kept", "You are signed out, so this text is not kept. Sign in in another tab; then go on here.");
      } else if (answer.status === 403) {
        await refused(await answer.text(), isAgain);
      } else if (!answer.ok) {
        say("kept", NOT_KEPT);
      } else {
        told(await answer.text());
        sent = now;
        isKept = now === content();
        preview();
      }
    } catch (error) {
      if (error.name === "AbortError") return;
      say("kept", "There is no connection, so this text is not kept yet. It stays in this window.");
      later(5000);
    }
  };

  const later = (wait) => { clearTimeout(timer); timer = setTimeout(() => keep(), wait); };
  const changed = (event) => {
    if (event.target.closest(".finding")) return;
    isKept = false;
    later(PAUSE);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("focusin", (event) => {
    const places = { implications: "implications", citation: "citation", doi: "citation" };
    if (event.target.name) place = places[event.target.name] ?? "summary-1";
  });
  form.addEventListener("submit", (event) => {
    const leaves = event.submitter?.name === "do";
    if (leaves) { isLeaving = true; clearTimeout(timer); underWay?.abort(); }
  });
  addEventListener("beforeunload", (event) => { if (!isKept && !isLeaving) event.preventDefault(); });
  addEventListener("pageshow", () => { isLeaving = false; });
  // On the way out, and on the way back from a tab in which one has signed in again.
  const keepOpen = () => { if (!isKept) keep(); };
  document.addEventListener("visibilitychange", keepOpen);
  addEventListener("focus", keepOpen);

  // A hint leads to the very words it is about.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".place");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.setSelectionRange(Number(link.dataset.start), Number(link.dataset.end));
  });

  const topics = form.querySelector(".topics-of");
  const groups = [...topics.querySelectorAll(".group")];
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
  const find = made("input", { type: "search", autocomplete: "off" });
  const label = made("label", { className: "field finding", textContent: "Find a topic " });
  const count = made("p", { className: "hint" });
  count.setAttribute("role", "status");
  label.append(find);
  topics.querySelector(".group").before(label, count);
  const filter = () => {
    const wanted = plain(find.value);
    let shown = 0;
    for (const group of groups) {
      const labels = [...group.querySelectorAll(".choice")];
      for (const each of labels) each.hidden = !plain(each.textContent).includes(wanted);
      const left = labels.filter((each) => !each.hidden).length;
      group.hidden = left === 0;
      shown += left;
    }
    count.textContent = wanted ? `${shown} ${shown === 1 ? "topic" : "topics"} shown` : "";
  };
  find.addEventListener("input", filter);
  find.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  topics.addEventListener("change", () => {
    const chosen = [...topics.querySelectorAll("input:checked")].map((box) => box.parentElement.textContent.trim());
    say("topics-chosen", chosen.length ? `Chosen: ${chosen.join("; ")}.` : "None yet; only readers of everything get a summary without a topic.");
  });

  // What a page shows that is not saved is kept at once: the tab may be closed now.
  if ("unsaved" in form.dataset) { sent = ""; later(0); }
})();
