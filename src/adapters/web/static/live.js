// What the pages do by themselves. Without it everything still works, by hand.
"use strict";

// Nobody looks: nobody is asked. Where the focus is on something that could not be found again, it stays.
document.addEventListener("htmx:beforeRequest", (event) => {
  const asker = event.detail.elt, focused = document.activeElement;
  if (!asker.hasAttribute("data-live")) return;
  if (document.hidden || (asker.contains(focused) && !focused.id)) event.preventDefault();
});

// A form is sent once; coming back to it with the back button, it can be sent again.
document.addEventListener("submit", (event) => {
  if (!event.target.hasAttribute("data-once")) return;
  for (const button of event.target.querySelectorAll("button")) button.disabled = true;
});
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("form[data-once] button")) button.disabled = false;
});

// How long a seat is still held.
function count() {
  for (const time of document.querySelectorAll("time[data-countdown]")) {
    const ends = Date.parse(time.dateTime.replace(/\+0000$/, "Z"));
    const left = Math.max(0, Math.round((ends - Date.now()) / 1000));
    time.title = time.title || time.textContent;
    time.setAttribute("role", "timer");
    time.textContent = `${time.title} · ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  }
}
count();
setInterval(count, 1000);
document.addEventListener("htmx:afterSwap", count);
