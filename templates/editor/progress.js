"use strict";
// Fetches the figures anew every few seconds. What can be pressed is left alone while it stays the
// same; when it does not, the whole page is asked for.
(() => {
  const pause = 4000;
  const told = document.getElementById("told");
  const look = async () => {
    const now = document.getElementById("now");
    try {
      const answer = await fetch(`${location.pathname}/now`, { credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("now");
      if (!answer.ok || !fresh || fresh.dataset.stage !== now.dataset.stage) {
        location.reload();
        return;
      }
      const isOpen = now.querySelector("details[open]");
      const details = fresh.querySelector("details");
      if (isOpen && details) details.open = true;
      if (!now.contains(document.activeElement)) now.replaceWith(fresh);
      if (told.textContent !== fresh.dataset.said) told.textContent = fresh.dataset.said;
    } catch {
      // Not reachable just now; it is tried again.
    }
    setTimeout(look, pause);
  };
  const stage = document.getElementById("now").dataset.stage.split(" ")[0];
  if (["due", "scheduled", "sending", "stopped", "sent"].includes(stage)) setTimeout(look, pause);
})();
