// What the pages do by themselves. Without it everything still works, by hand.
"use strict";

// Nobody looks: nobody is asked. Where the focus is on something that could not be found again, it stays.
document.addEventListener("htmx:beforeRequest", (event) => {
  const part = event.detail.elt, focused = document.activeElement;
  if (!part.hasAttribute("data-live")) return;
  const byTheClock = !event.detail.requestConfig.triggeringEvent;
  if (document.hidden || (part.contains(focused) && !focused.id) || (byTheClock && waits(part))) event.preventDefault();
  else asked.set(part.id, Date.now());
});

// While a link or a button is pressed nothing is made anew: a click on what is not there any more is lost. It is asked for
// again once it is let go.
let pressed = null;
const late = new Set();
addEventListener("pointerdown", (event) => { pressed = event.button === 0 ? event.target.closest("a, button") : null; });
for (const over of ["pointerup", "pointercancel", "contextmenu"]) {
  addEventListener(over, () => setTimeout(() => {  // behind the click
    pressed = null;
    for (const asker of late) htmx.trigger(asker, asker.matches("form") ? "change" : "told");
    late.clear();
  }));
}
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!pressed) return;
  event.preventDefault();
  late.add(event.detail.requestConfig.elt);
});

// A search without an answer is made plainly, so that what is wrong is the page: what was found before answers another one.
// Who is offline and only types keeps their page: the browser would have none in its place.
for (const wrong of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(wrong, (event) => {
    const form = event.detail.elt, sent = event.detail.requestConfig.triggeringEvent?.type === "submit";
    if (form.matches("form[role=search]") && (sent || wrong === "htmx:responseError")) form.submit();
  });
}

// The fields of a search stay while what is found is made anew; which of them is wrong is said there.
function mark(field, name, value) {
  if (value) field.setAttribute(name, value);
  else field.removeAttribute(name);
}
document.addEventListener("htmx:afterSwap", ({ target: found }) => {
  if (found.id !== "found") return;
  for (const field of document.querySelectorAll("form[role=search] input")) {
    const wrong = field.name === found.dataset.wrong;
    mark(field, "aria-invalid", wrong && "true");
    mark(field, "aria-describedby", [wrong && "wrong", field.dataset.hint].filter(Boolean).join(" "));
  }
});

// One stream tells whenever something of one's own has changed; then the parts of the page are asked for. What no stream
// tells is asked for all the same, every data-told seconds; while there is no stream, as often as the part says.
const asked = new Map();
let stream = null, due = null, echo = null, last = 0;

function waits(part) {
  const told = stream !== null && stream.readyState === EventSource.OPEN;
  return told && Date.now() - (asked.get(part.id) ?? 0) < 1000 * part.dataset.told;
}

// At most twice a second, however much is told.
function ask() {
  due ??= setTimeout(() => {
    due = null;
    last = Date.now();
    for (const part of document.querySelectorAll("[data-told]")) htmx.trigger(part, "told");
  }, Math.max(20, last + 500 - Date.now()));
}

// Messages and sums may come a little behind.
function tell() {
  ask();
  clearTimeout(echo);
  echo = setTimeout(ask, 2000);
}

function listen() {
  const address = document.body.dataset.stream;
  if (!address || document.hidden || (stream && stream.readyState !== EventSource.CLOSED)) return;
  stream = new EventSource(address);
  stream.onopen = ask;
  stream.onerror = () => { if (stream?.readyState === EventSource.CLOSED) setTimeout(listen, 30000); };
  for (const what of ["booking", "ticket"]) stream.addEventListener(what, tell);
}

function leave() {
  stream?.close();
  stream = null;
}
addEventListener("pageshow", listen);
addEventListener("pagehide", leave);
document.addEventListener("visibilitychange", () => (document.hidden ? leave() : listen()));

// Loaded again, or come back to, the page that a refused form was answered is asked for by its address; else the browser
// would send the form again, or show nothing until it may.
const here = document.querySelector("[data-here]");
if (here) history.replaceState(history.state, "", here.dataset.here);

// A form is sent once. Coming back to it with the back button it can be sent again; and after a while, since whoever
// stopped the browser has no other way to go on with the same try than this form with its key.
const AGAIN = 10000;

function enabled(forms, yes) {
  for (const form of forms) for (const button of form.querySelectorAll("button")) button.disabled = !yes;
}
document.addEventListener("submit", (event) => {
  if (!event.target.hasAttribute("data-once")) return;
  enabled([event.target], false);
  setTimeout(() => enabled([event.target], true), AGAIN);
});
addEventListener("pageshow", () => enabled(document.querySelectorAll("form[data-once]"), true));

// How long a seat is still held.
function count() {
  for (const time of document.querySelectorAll("time[data-countdown]")) {
    const ends = Date.parse(time.dateTime.replace(/\+0000$/, "Z"));
    const left = Math.max(0, Math.round((ends - Date.now()) / 1000));
    time.title = time.title || time.textContent;
    time.setAttribute("role", "timer");
    time.textContent = `${time.title} · ${time.dataset.countdown} ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  }
}
count();
setInterval(count, 1000);
document.addEventListener("htmx:afterSwap", count);
