// Shows subject and preheader in the inboxes as they are typed. Without it, saving shows them.
"use strict";
const form = document.querySelector("#subjects");
const subject = document.querySelector("#subject");
const preheader = document.querySelector("#preheader");
const lengths = document.querySelector("#lengths");

function show() {
  const words = {
    subject: subject.value.trim() || form.dataset.subject || "(as proposed)",
    preheader: preheader.value.trim() || form.dataset.preheader || "(as proposed)",
  };
  for (const name of Object.keys(words)) {
    for (const place of document.querySelectorAll(`.inboxes .${name}`)) place.textContent = words[name];
  }
  const count = words.subject.length;
  const rest = lengths.textContent.slice(lengths.textContent.indexOf(" of subject"));
  lengths.textContent = `${count} ${count === 1 ? "character" : "characters"}${rest}`;
}

if (form && subject && preheader) {
  subject.addEventListener("input", show);
  preheader.addEventListener("input", show);
}
