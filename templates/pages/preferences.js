"use strict";
// Makes a long form shorter: topics are found as one types, and a group is ticked at once.
// Nothing is sent from here, and nothing is missing without it.
(() => {
  const topics = document.querySelector(".topics");
  const groups = [...topics.querySelectorAll(".group")];
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
  const made = (tag, properties) => Object.assign(document.createElement(tag), properties);

  const find = made("input", { type: "search", autocomplete: "off" });
  const label = made("label", { className: "field", textContent: "Find a topic " });
  const told = made("p", { className: "label" });
  told.setAttribute("role", "status");
  label.append(find);
  topics.prepend(label, told);

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
    told.textContent = wanted ? `${shown} ${shown === 1 ? "topic" : "topics"} shown` : "";
  };
  find.addEventListener("input", filter);
  find.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });

  for (const group of groups) {
    const name = group.querySelector("legend").textContent;
    const row = made("p", { className: "buttons" });
    for (const [words, checked] of [["Choose all", true], ["Choose none", false]]) {
      const button = made("button", { type: "button", className: "quiet", textContent: words });
      button.append(made("span", { className: "unseen", textContent: ` of ${name}` }));
      button.addEventListener("click", () => {
        for (const box of group.querySelectorAll(".choice:not([hidden]) input")) box.checked = checked;
      });
      row.append(button);
    }
    group.querySelector(".choices").before(row);
  }
})();
